//! A person who reads, proposes and decides.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use super::{Answer, Api};
use crate::transcript;

/// A person, or an anonymous client, that sends requests.
pub struct Person<'a> {
    api: &'a Api,
    token: Option<String>,
}

impl Api {
    /// Creates a token of a person.
    pub async fn token(&self, role: Role, person: &str) -> String {
        self.store
            .create_token(role, person, Some(person), None)
            .await
            .unwrap()
    }

    /// The person who bears a token.
    pub fn bearer(&self, token: &str) -> Person<'_> {
        Person {
            api: self,
            token: Some(token.to_owned()),
        }
    }

    /// A person with a role and a name.
    pub async fn person(&self, role: Role, name: &str) -> Person<'_> {
        let token = self.token(role, name).await;
        self.bearer(&token)
    }

    /// A contributor named carla.
    pub async fn contributor(&self) -> Person<'_> {
        Person {
            api: self,
            token: Some(self.token(Role::Contributor, "carla").await),
        }
    }

    /// An editor with a name.
    pub async fn editor(&self, name: &str) -> Person<'_> {
        Person {
            api: self,
            token: Some(self.token(Role::Editor, name).await),
        }
    }

    /// An anonymous client.
    pub fn anyone(&self) -> Person<'_> {
        Person {
            api: self,
            token: None,
        }
    }
}

impl Person<'_> {
    /// Sends a query by POST.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self
            .api
            .request(reqwest::Method::POST, "/graphql")
            .header("accept", "application/graphql-response+json")
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.json().await.unwrap();
        transcript::write(query, &variables, &body);
        Answer { status, body }
    }

    /// Proposes changes and submits them. Returns the payload.
    pub async fn propose(&self, changes: Value) -> Value {
        let input = json!({ "title": "A change", "rationale": "It is so.", "changes": changes, "submit": true });
        self.create(input).await
    }

    /// Creates a contribution. Returns the payload.
    pub async fn create(&self, input: Value) -> Value {
        let mutation =
            "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
            contribution { id revision state changes { recordId } }
            userErrors { code message path } } }";
        let answer = self.ask(mutation, json!({ "input": input })).await.data();
        answer["createContribution"].clone()
    }

    /// Proposes valid changes. Returns the id of the contribution.
    pub async fn proposed(&self, changes: Value) -> String {
        let payload = self.propose(changes).await;
        payload["contribution"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{payload:#}"))
            .to_owned()
    }

    /// Takes a step with a contribution. Returns the payload.
    pub async fn step(&self, step: &str, input: Value) -> Value {
        let input_type = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
        let mutation = format!(
            "mutation($input: {input_type}!) {{ {step}(input: $input) {{
                contribution {{ state decision reviewer {{ id }} }} userErrors {{ code message path }} }} }}"
        );
        self.ask(&mutation, json!({ "input": input })).await.data()[step].clone()
    }

    /// Takes a step with a contribution. Returns its outcome in one word: an error code, or the new state.
    pub async fn outcome(&self, step: &str, input: Value) -> String {
        let input_type = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
        let mutation = format!(
            "mutation($input: {input_type}!) {{ {step}(input: $input) {{
                contribution {{ state }} userErrors {{ code message path }} }} }}"
        );
        let answer = self.ask(&mutation, json!({ "input": input })).await;
        if answer.body.get("errors").is_some() {
            return answer.code().to_owned();
        }
        let payload = &answer.body["data"][step];
        let found = &payload["userErrors"][0]["code"];
        let said = found.as_str().or(payload["contribution"]["state"].as_str());
        said.unwrap_or_else(|| panic!("{:#}", answer.body))
            .to_owned()
    }

    /// Accepts revision 1 of a contribution. Returns the payload.
    pub async fn accept(&self, id: &str) -> Value {
        self.step("acceptContribution", json!({ "id": id, "revision": 1 }))
            .await
    }

    /// Proposes changes and has another person accept them.
    pub async fn publish(&self, changes: Value) {
        let author = self.api.contributor().await;
        let accepted = self.accept(&author.proposed(changes).await).await;
        assert_eq!(
            accepted["contribution"]["state"], "ACCEPTED",
            "{accepted:#}"
        );
    }
}
