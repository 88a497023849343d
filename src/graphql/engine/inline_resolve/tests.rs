//! Compares the resolution of objects here with the library's: both give the same bytes for generated selections on
//! every type. Only the path of an error may be longer here, since the library cuts it at lists and omits it below
//! interfaces.

#![expect(clippy::string_slice, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use async_graphql::context::Data;
use async_graphql::parser::types::OperationType;
use async_graphql::{ContextSelectionSet, PathSegment, Request, Response, Value};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::document::{Digest, Documents};
use crate::engine::batch::Batches;
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::environment::Environment;
use crate::engine::limits::Limits;
use crate::engine::quota::Quotas;
use crate::engine::rows::{RowCache, Rows};
use crate::engine::search_index::SearchIndex;
use crate::schema::{ApiSchema, Query, build};
use crate::type_system::Audience;
use domain::viewer::{Actor, Role, Viewer};
use store::webhook::{Attempt, NewWebhook, Next, Outcome};
use store::{Clock, Options, Store};

/// Marks a request that the library resolves alone.
struct ByLibrary;

/// True for a request that the library resolves alone.
pub fn uses_library(ctx: &ContextSelectionSet<'_>) -> bool {
    ctx.data_opt::<ByLibrary>().is_some()
}

/// The bundled data with contributions in several states, and a schema that executes.
struct Fixture {
    schema: ApiSchema,
    environment: Environment,
    documents: Documents,
    limits: Limits,
    store: Store,
    rows: RowCache,
    time: Arc<Mutex<DateTime<Utc>>>,
    _folder: TempDir,
}

/// Imports the data files that are bundled with the program.
async fn import_bundle(store: &Store) {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data");
    let mut text = String::new();
    for folder in [data.to_owned(), format!("{data}/profiles")] {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let files = entries.map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|file| file.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        files.sort();
        text.extend(
            files
                .iter()
                .map(|file| std::fs::read_to_string(file).unwrap()),
        );
    }
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    store.import(lines, false, &mut |_| {}).await.unwrap();
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Arc::new(Mutex::new("2026-01-10T08:00:00Z".parse().unwrap()));
        let told = Arc::clone(&time);
        let options = Options {
            clock: Clock::new(move || *told.lock().unwrap()),
            ..Options::default()
        };
        let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
        let store = Store::open(&url, &options).await.unwrap();
        import_bundle(&store).await;
        let limits = Limits {
            max_proposals_per_second: i32::MAX,
            max_depth: i32::MAX,
            max_complexity: i32::MAX,
            max_selections: i32::MAX,
            max_tokens: i32::MAX,
            max_aliases: i32::MAX,
            ..Limits::default()
        };
        let quotas = Arc::new(Quotas::new(&limits));
        let search = Arc::new(SearchIndex::new(&limits));
        let schema = build(&limits, quotas, search, Audience::Clients);
        let fixture = Self {
            environment: Environment::of(&schema),
            schema,
            documents: Documents::of(Digest::default()),
            limits,
            store,
            rows: RowCache::new(&Limits::default()),
            time,
            _folder: folder,
        };
        fixture.fill().await;
        fixture.add_webhook().await;
        fixture
    }

    async fn run(
        &self,
        query: &str,
        variables: Json,
        person: &str,
        rows: Rows,
        marked: bool,
    ) -> Response {
        let view = View::of(&self.store, self.store.head().await.unwrap());
        let (loader, batches) = Batches::new(self.store.clone(), rows);
        let actor = Actor {
            id: person.to_owned(),
            name: person.to_owned(),
            role: Role::Editor,
        };
        let caller = Caller {
            viewer: Viewer::Identified(actor),
            address: None,
        };
        let variables = async_graphql::Variables::from_json(variables);
        let request = Request::new(query).variables(variables);
        // All resolve the normal form.
        let document = match self.documents.read(request, &self.limits, false) {
            Ok(document) => document,
            Err(refused) => return Response::from_errors(refused.errors),
        };
        if !marked && document.operation == OperationType::Query {
            let mut data = Data::default();
            data.insert(view);
            data.insert(loader);
            data.insert(caller);
            let selections = document.selections();
            let data = Arc::new(data);
            let resolving = self.environment.resolve(&Query, &selections, &data);
            return batches.run(resolving).await;
        }
        let request = document.request().data(view).data(loader).data(caller);
        let request = if marked {
            request.data(ByLibrary)
        } else {
            request
        };
        batches.run(self.schema.execute(request)).await
    }

    /// The response as it is written at once, with its cost; `None` if a field has to wait, or for an error.
    async fn at_once(&self, query: &str, rows: Rows) -> Option<(String, usize)> {
        let view = View::of(&self.store, self.store.head().await.unwrap());
        let (loader, _) = Batches::new(self.store.clone(), rows);
        let read = self
            .documents
            .read(Request::new(query), &self.limits, false);
        let document = read.ok()?;
        if document.operation != OperationType::Query {
            return None;
        }
        let actor = Actor {
            id: "eva".to_owned(),
            name: "eva".to_owned(),
            role: Role::Editor,
        };
        let mut data = Data::default();
        data.insert(view);
        data.insert(loader);
        data.insert(Caller {
            viewer: Viewer::Identified(actor),
            address: None,
        });
        let (selections, data) = (document.selections(), Arc::new(data));
        let (json, cost) =
            self.environment
                .at_once(&Query, &selections, &data, b"{\"data\":", usize::MAX)?;
        Some((String::from_utf8(json).unwrap() + "}", cost))
    }

    /// Executes a step of a contribution, and returns the id of the contribution.
    async fn step(&self, step: &str, person: &str, input: Json) -> String {
        let kind = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {step}(input: $input) {{ contribution {{ id }} userErrors {{ message path }} }} }}"
        );
        let variables = json!({ "input": input });
        let answer = self
            .run(&query, variables, person, Rows::default(), false)
            .await;
        let answer = serde_json::to_value(&answer).unwrap();
        let id = answer["data"][step]["contribution"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{step}: {answer:#}"))
            .to_owned()
    }

    async fn propose(&self, changes: Json) -> String {
        let input = json!({ "title": "A change", "rationale": "It is so.", "changes": changes, "submit": true });
        self.step("createContribution", "carla", input).await
    }

    async fn publish(&self, changes: Json) {
        let id = self.propose(changes).await;
        let input = json!({ "id": id, "revision": 1 });
        self.step("acceptContribution", "eva", input).await;
    }

    /// Adds a webhook of eva with a failed delivery.
    async fn add_webhook(&self) {
        let eva = Actor {
            id: "eva".to_owned(),
            name: "eva".to_owned(),
            role: Role::Editor,
        };
        let owner = Viewer::Identified(eva).contributor().unwrap();
        let new = NewWebhook {
            url: "https://example.org/hook".parse().unwrap(),
            document: "subscription { changes { id } }".to_owned(),
            after: None,
            once: None,
            limit: 1,
        };
        let webhooks = self.store.webhooks();
        let (row, _) = webhooks.create(&owner, new).await.unwrap();
        let at = self.store.clock().now();
        let attempt = Attempt {
            at,
            sequence: row.sequence + 1,
            attempt: 1,
            status: Some(500),
            error: Some("status 500".to_owned()),
            took_ms: 7,
        };
        let outcome = Outcome {
            webhook: row.id,
            revision: 1,
            number: 1,
            attempt,
            next: Next::Retry {
                failing_since: at,
                at,
            },
        };
        assert_eq!(webhooks.record(&[outcome]).await.unwrap(), [true]);
    }

    /// Adds contributions that were accepted, that conflict or that have comments, a retired record, and effects.
    async fn fill(&self) {
        let cite = json!([{ "source": "Source:coe-chart-185-2015", "locator": "1" }]);
        let retitle = |title: &str| json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": title }, "cite": cite } }]);
        let joins = |key: &str, country: &str, date: &str| {
            json!({ "createTreatyEvent": { "key": key, "cite": cite, "fields": {
                "kind": "RATIFICATION", "date": date, "country": country, "treaty": "ETS 185" } } })
        };
        let conflicting = self.propose(retitle("One")).await;
        self.propose(retitle("Two")).await;
        let comment = json!({ "id": conflicting, "body": "Why?", "recordId": "Treaty:ets-185" });
        self.step("commentOnContribution", "eva", comment).await;
        let accepted = json!([
            { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": "Three" }, "cite": cite } },
            { "retire": { "id": "ProfileSection:az-links", "baseVersion": 1, "reason": "Empty." } },
            { "createPolicyDocument": { "key": "ie-act", "cite": cite, "fields": {
                "kind": "LAW", "titles": [{ "text": "An act", "language": "en" }], "status": "IN_FORCE", "country": "IE",
                "subjects": ["CYBERCRIME"], "texts": [{ "url": "https://example.org/act", "language": "en" }] } } },
            { "createArticleImplementation": { "cite": cite, "fields": {
                "country": "IE", "treaty": "ETS 185", "article": "2", "degree": "FULL",
                "provisions": [{ "document": "PolicyDocument:ie-act", "number": "1" }] } } },
            { "createCourtDecision": { "key": "ie-decision", "cite": cite, "fields": {
                "country": "IE", "titles": [{ "text": "A decision", "language": "en" }], "treaty": "ETS 185",
                "articles": ["2"], "provisions": [{ "document": "PolicyDocument:ie-act" }] } } },
            joins("ireland", "IE", "2026-01-09"),
        ]);
        self.publish(accepted).await;
        for now in ["2026-04-30T23:59:59Z", "2026-05-01T00:00:10Z"] {
            *self.time.lock().unwrap() = now.parse().unwrap();
            self.store.write_effects().await.unwrap();
        }
        // A ratification that is not in force yet.
        self.publish(json!([joins("mexico", "MX", "2026-04-30")]))
            .await;
    }
}

/// Pseudo-random numbers, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

#[derive(Clone)]
struct Field {
    name: String,
    args: Vec<String>,
    /// The name of the type, without lists and `!`.
    of: String,
    is_list: bool,
}

/// The object types and interfaces of the schema.
struct Types {
    fields: BTreeMap<String, Vec<Field>>,
    /// The object types of each interface, and each object type itself.
    possible: BTreeMap<String, Vec<String>>,
    /// The fields that return an object type or interface, with the type that has them.
    leading: BTreeMap<String, Vec<(String, Field)>>,
    /// Distance of each type from the root, in fields.
    far: BTreeMap<String, usize>,
}

impl Types {
    async fn of(fixture: &Fixture) -> Self {
        let query = "{ __schema { types { kind name possibleTypes { name } fields { name args { name }
            type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } } } fragment T on __Type { kind name }";
        let schema = fixture
            .run(query, json!({}), "eva", Rows::default(), false)
            .await;
        let schema = schema.data.into_json().unwrap();
        let (mut fields, mut possible) = (BTreeMap::new(), BTreeMap::new());
        for one in schema["__schema"]["types"].as_array().unwrap() {
            let name = one["name"].as_str().unwrap().to_owned();
            let is_output = ["OBJECT", "INTERFACE"]
                .iter()
                .any(|kind| one["kind"] == *kind);
            if !is_output
                || name.starts_with("__")
                || ["Mutation", "Subscription"].contains(&&*name)
            {
                continue;
            }
            let named = |all: &Json| -> Vec<String> {
                let all = all.as_array().into_iter().flatten();
                all.map(|one| one["name"].as_str().unwrap().to_owned())
                    .collect()
            };
            let of_field = |field: &Json| {
                let (mut kind, mut is_list) = (&field["type"], false);
                while kind["name"].is_null() {
                    is_list |= kind["kind"] == "LIST";
                    kind = &kind["ofType"];
                }
                Field {
                    name: field["name"].as_str().unwrap().to_owned(),
                    args: named(&field["args"]),
                    of: kind["name"].as_str().unwrap().to_owned(),
                    is_list,
                }
            };
            let all = one["fields"].as_array().unwrap().iter();
            fields.insert(name.clone(), all.map(of_field).collect::<Vec<_>>());
            let objects = named(&one["possibleTypes"]);
            let objects = if objects.is_empty() {
                vec![name.clone()]
            } else {
                objects
            };
            possible.insert(name, objects);
        }
        let mut leading: BTreeMap<String, Vec<(String, Field)>> = BTreeMap::new();
        for (name, all) in &fields {
            for field in all.iter().filter(|field| possible.contains_key(&field.of)) {
                for to in possible[&field.of]
                    .iter()
                    .chain([&field.of])
                    .collect::<BTreeSet<_>>()
                {
                    leading
                        .entry(to.clone())
                        .or_default()
                        .push((name.clone(), field.clone()));
                }
            }
        }
        let mut far = BTreeMap::from([("Query".to_owned(), 0)]);
        for distance in 1..10 {
            for (to, from) in &leading {
                let is_next = from
                    .iter()
                    .any(|(name, _)| far.get(name) == Some(&(distance - 1)));
                if is_next && !far.contains_key(to) {
                    far.insert(to.clone(), distance);
                }
            }
        }
        Self {
            fields,
            possible,
            leading,
            far,
        }
    }
}

/// Generates documents.
struct Writer<'a> {
    types: &'a Types,
    chance: Chance,
    contributions: Vec<String>,
    aliases: usize,
    fragments: String,
    /// Number of fields that the document may still have.
    left: usize,
    /// True for a document in normal form: fragments resolved, no directives, no duplicate keys.
    is_normal: bool,
}

impl Writer<'_> {
    /// Generates a document that selects fields of a type.
    fn document(&mut self, target: &str) -> String {
        (self.aliases, self.left) = (0, 14);
        self.fragments.clear();
        self.is_normal = self.chance.one_in(2);
        // Walks from the target to the root, mostly by the shortest path.
        let (mut name, mut way) = (target.to_owned(), Vec::new());
        while name != "Query" {
            let far = self.types.far[&name];
            let wander = way.len() < 2 && self.chance.one_in(4);
            let near = |(from, _): &&(String, Field)| {
                let from = self.types.far.get(from);
                from.is_some_and(|from| *from < far || (wander && *from <= far))
            };
            let from: Vec<&(String, Field)> =
                self.types.leading[&name].iter().filter(near).collect();
            let (from, field) = (*self.chance.pick(&from)).clone();
            way.push((field, name));
            name = from;
        }
        let root = way
            .last()
            .map(|(field, _)| field.name.clone())
            .unwrap_or_default();
        let mut selection = self.selection(target, 2);
        for (field, to) in way {
            if field.of != to {
                selection = format!("__typename ... on {to} {{ {selection} }}");
            }
            let args = self.args(&field);
            selection = format!("{}{args} {{ {selection} }}", field.name);
        }
        let is_past = |(_, field): &(String, Field)| field.name == root;
        let mut past = self.types.leading.values().flatten();
        if past.any(|one| one.0 == "Snapshot" && is_past(one)) && self.chance.one_in(8) {
            selection = format!("at(asOf: \"2015-06-01\") {{ {selection} }} head {{ sequence }}");
        }
        format!("{{ {selection} }}{}", self.fragments)
    }

    /// The arguments of a field in parentheses; now and then with invalid values.
    fn args(&mut self, field: &Field) -> String {
        let mut args = String::new();
        let is_page = field.args.iter().any(|arg| arg == "last");
        for arg in &field.args {
            let one_in = |chance: &mut Chance, count| chance.one_in(count);
            let value = match (field.name.as_str(), arg.as_str()) {
                ("country", "code") => self
                    .chance
                    .pick(&["AZ", "AZ", "AZ", "HK", "MX", "??"])
                    .to_string(),
                (_, "reference" | "treaty") => self
                    .chance
                    .pick(&["ETS 185", "ETS 185", "CETS 224", "ETS 189", "none"])
                    .to_string(),
                ("search", "query") => self
                    .chance
                    .pick(&["cyber", "azerbaijan", "strategy convention", "!"])
                    .to_string(),
                ("contribution", "id") => {
                    let all = self.contributions.clone();
                    self.chance.pick(&all).clone()
                }
                ("diff", "id") => "Treaty:ets-185".to_owned(),
                ("diff", "from" | "to") => {
                    write!(args, " {arg}: {}", self.chance.pick(&[1, 2, 2, 3])).unwrap();
                    continue;
                }
                (_, "id") => self.id(),
                (_, "ids") => {
                    let ids: Vec<String> = (0..3).map(|_| format!("\"{}\"", self.id())).collect();
                    write!(args, " ids: [{}]", ids.join(", ")).unwrap();
                    continue;
                }
                (_, "first") => {
                    let sizes = if field.name == "changes" {
                        "last"
                    } else if !is_page {
                        "first"
                    } else {
                        *self.chance.pick(&["first", "first", "last"])
                    };
                    let size = if one_in(&mut self.chance, 30) {
                        0
                    } else {
                        1 + self.chance.below(3)
                    };
                    write!(args, " {sizes}: {size}").unwrap();
                    continue;
                }
                (_, "kinds") if field.name == "records" => {
                    let kinds = [
                        "COUNTRY",
                        "TREATY",
                        "TREATY_EVENT",
                        "POLICY_DOCUMENT",
                        "CYBERSECURITY_BODY",
                        "OPERATIONAL_UNIT",
                        "COVERAGE_ASSERTION",
                        "ARTICLE_IMPLEMENTATION",
                        "COURT_DECISION",
                        "PROFILE_SECTION",
                        "SOURCE",
                    ];
                    write!(args, " kinds: [{}]", self.chance.pick(&kinds)).unwrap();
                    continue;
                }
                (_, "after") if is_page && one_in(&mut self.chance, 40) => "nowhere".to_owned(),
                (_, "language") if one_in(&mut self.chance, 2) => {
                    write!(
                        args,
                        " language: [\"{}\"]",
                        self.chance.pick(&["en", "fr", "az", "!"])
                    )
                    .unwrap();
                    continue;
                }
                (_, "step") => {
                    args.push_str(" step: YEAR");
                    continue;
                }
                ("timeline", "from") => "2022-01-01".to_owned(),
                _ => continue,
            };
            write!(args, " {arg}: \"{value}\"").unwrap();
        }
        if args.is_empty() {
            args
        } else {
            format!("({})", args.trim_start())
        }
    }

    fn id(&mut self) -> String {
        let ids = [
            "Country:az",
            "Treaty:ets-185",
            "ProfileSection:az-links",
            "TreatyEvent:ireland",
            "ArticleImplementation:ie-ets-185-2",
            "CourtDecision:ie-decision",
            "Change:7",
            "Source:coe-chart-185-2015",
            "Treaty:none",
            "?",
        ];
        self.chance.pick(&ids).to_string()
    }

    /// The selections on one type, as text.
    fn selection(&mut self, of: &str, depth: usize) -> String {
        let mut keys = HashSet::new();
        let marker = if self.types.possible[of][0] == of {
            "__typename".to_owned()
        } else {
            format!("on_{of}: __typename __typename")
        };
        keys.insert("__typename".to_owned());
        let mut parts = vec![marker];
        self.parts(of, depth, &mut keys, &mut parts);
        let objects = self.types.possible[of].clone();
        if objects[0] != of {
            for _ in 0..=self.chance.below(3) {
                let object = self.chance.pick(&objects).clone();
                let mut inner = Vec::new();
                self.parts(&object, depth, &mut keys, &mut inner);
                if !inner.is_empty() {
                    parts.push(self.fragment(&object, &inner.join(" ")));
                }
            }
        }
        if !self.is_normal && self.chance.one_in(3) {
            // Moves some selections into a fragment on another type that contains these objects.
            let rest = parts.split_off(parts.len() / 2);
            let mut on: Vec<String> = self
                .types
                .possible
                .iter()
                .filter(|(name, objects)| {
                    objects[0] != **name && objects.iter().any(|one| one == of)
                })
                .map(|(name, _)| name.clone())
                .collect();
            on.push(of.to_owned());
            let on = self.chance.pick(&on).clone();
            // An interface does not have the fields of its object types.
            let is_own = |part: &String| {
                on == of || part.starts_with("...") || part.starts_with("__typename")
            };
            let (fitting, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_own);
            if !fitting.is_empty() {
                parts.push(self.fragment(&on, &fitting.join(" ")));
            }
            parts.extend(others);
        }
        parts.join(" ")
    }

    fn fragment(&mut self, on: &str, selection: &str) -> String {
        if self.is_normal {
            return format!("... on {on} {{ {selection} }}");
        }
        match self.chance.below(4) {
            0 => {
                self.aliases += 1;
                let name = format!("F{}", self.aliases);
                write!(self.fragments, " fragment {name} on {on} {{ {selection} }}").unwrap();
                format!("...{name}")
            }
            1 => format!("... on {on} @include(if: true) {{ {selection} }}"),
            2 => format!("... on {on} {{ ... {{ {selection} }} }}"),
            _ => format!("... on {on} {{ {selection} }}"),
        }
    }

    /// Adds selections of some fields of a type. Response keys are unique if the document is in normal form.
    fn parts(
        &mut self,
        of: &str,
        depth: usize,
        keys: &mut HashSet<String>,
        parts: &mut Vec<String>,
    ) {
        let fields = self.types.fields[of].clone();
        for _ in 0..=self.chance.below(4) {
            let field = self.chance.pick(&fields).clone();
            let leads = self.types.fields.contains_key(&field.of);
            if self.left == 0 || (leads && (depth == 0 || (field.is_list && self.left < 6))) {
                continue;
            }
            self.left -= 1;
            let mut part = format!("{}{}", field.name, self.args(&field));
            let is_new = keys.insert(field.name.clone());
            if !is_new || self.chance.one_in(4) {
                self.aliases += 1;
                part = format!("a{}: {part}", self.aliases);
            }
            if !self.is_normal && self.chance.one_in(8) {
                let directives = [
                    " @include(if: true)",
                    " @skip(if: false)",
                    " @skip(if: true)",
                ];
                part.push_str(directives[self.chance.below(3)]);
            }
            if leads {
                let inner = self.selection(&field.of, depth - 1);
                write!(part, " {{ {inner} }}").unwrap();
            }
            if !self.is_normal && self.chance.one_in(12) {
                parts.push(part.clone());
            }
            parts.push(part);
        }
    }
}

/// Counts the objects of an answer by type, and by the interface through which they were selected.
fn count(data: &Json, seen: &mut BTreeMap<String, usize>) {
    match data {
        Json::Object(members) => {
            for (key, member) in members {
                if key == "__typename" {
                    *seen.entry(member.as_str().unwrap().to_owned()).or_default() += 1;
                } else if let Some(interface) = key.strip_prefix("on_") {
                    *seen.entry(interface.to_owned()).or_default() += 1;
                }
                count(member, seen);
            }
        }
        Json::Array(elements) => elements.iter().for_each(|one| count(one, seen)),
        _ => {}
    }
}

/// Number of members of all objects.
fn members(data: &Json) -> usize {
    match data {
        Json::Object(all) => all.values().map(|member| 1 + members(member)).sum(),
        Json::Array(elements) => elements.iter().map(members).sum(),
        _ => 0,
    }
}

/// True if the path of an error leads to null, or to a place below null.
fn leads_to_null(mut data: &Json, path: &[PathSegment]) -> bool {
    for segment in path {
        data = match segment {
            PathSegment::Field(name) => &data[name.as_str()],
            PathSegment::Index(at) => &data[*at],
        };
    }
    data.is_null()
}

/// The first difference between an answer and the library's.
fn difference(own: &Response, mut library: Response) -> Option<String> {
    let told = |response: &Response| serde_json::to_string(response).unwrap();
    let data = serde_json::to_value(&own.data).unwrap();
    if own.errors.len() != library.errors.len() {
        return Some(format!("{}\n{}", told(own), told(&library)));
    }
    for (error, other) in own.errors.iter().zip(&mut library.errors) {
        if error.path.is_empty() || error.locations.is_empty() || !leads_to_null(&data, &error.path)
        {
            return Some(told(own));
        }
        if error.path.starts_with(&other.path) {
            other.path.clone_from(&error.path);
        }
    }
    let (own, library) = (told(own), told(&library));
    (own != library).then(|| format!("{own}\n{library}"))
}

/// Mutations that give the same result twice: one is refused, one selects nothing that it changes, and one finds nothing
/// to change.
const PAYLOADS: [&str; 4] = [
    "mutation { acceptContribution(input: { id: \"x\", revision: 1 }) { __typename contribution { id }
        userErrors { __typename code message path } } }",
    "mutation { verifyRecord(input: { id: \"Treaty:ets-185\", verifiedOn: \"2026-01-01\" }) { __typename
        record { __typename version ... on Treaty { reference protocols { reference } } } userErrors { code } } }",
    "mutation { importProfilePage(input: { country: \"AZ\", text: \"Back Azerbaijan\\n\\nWords without a heading.\" }) {
        __typename contribution { id } unmapped { __typename line text } userErrors { code } } }",
    "mutation { updateWebhook(input: { id: \"Webhook:0\" }) { __typename webhook { id } secret
        userErrors { code path } } }",
];

/// A document with some levels of fields.
fn deep(levels: i32) -> String {
    let events = "treatyEvents(first: 1) { nodes { country {";
    let cycles = usize::try_from(levels / 3).unwrap();
    let (begin, end) = (events.repeat(cycles), "} } }".repeat(cycles));
    format!("{{ {begin} name {end} }}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inline_resolution_gives_the_same_bytes_as_the_library() {
    const DOCUMENTS: usize = 6_000;
    const MAX_DOCUMENTS: usize = 12_000;
    let fixture = Fixture::new().await;
    let types = Types::of(&fixture).await;
    let all = "{ contributions { nodes { id } } }";
    let found = fixture
        .run(all, json!({}), "eva", Rows::default(), false)
        .await;
    let found = found.data.into_json().unwrap();
    let found = found["contributions"]["nodes"].as_array().unwrap().iter();
    let contributions: Vec<String> = found
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(contributions.len(), 4);
    let mut writer = Writer {
        types: &types,
        chance: Chance(17),
        contributions,
        aliases: 0,
        fragments: String::new(),
        left: 0,
        is_normal: true,
    };
    let targets: Vec<&String> = types.far.keys().filter(|name| *name != "Query").collect();
    let mut documents: Vec<String> = (0..DOCUMENTS)
        .map(|at| writer.document(targets[at % targets.len()]))
        .collect();
    let pages = [
        include_str!("../../../../README.md"),
        include_str!("../../../../docs/queries.md"),
    ];
    let queries = pages
        .iter()
        .flat_map(|page| page.split("```graphql\n").skip(1));
    documents.extend(queries.map(|block| block.split("```").next().unwrap().to_owned()));
    documents.extend(PAYLOADS.map(str::to_owned));
    documents.push(deep(Limits::default().max_depth));

    let newest = fixture.store.head().await.unwrap().moment;
    let (mut seen, mut failed, mut wrong) = (BTreeMap::new(), 0, Vec::new());
    let (mut at, mut at_once, mut warm) = (0, 0, 0);
    while let Some(document) = documents.get(at) {
        // With rows from the cache, and every eighth time with rows from the database.
        let rows = || {
            if at % 8 == 0 {
                Rows::default()
            } else {
                fixture.rows.at(newest)
            }
        };
        let library = fixture.run(document, json!({}), "eva", rows(), true).await;
        let own = fixture.run(document, json!({}), "eva", rows(), false).await;
        failed += usize::from(!own.errors.is_empty());
        let is_read = own.errors.iter().all(|error| error.extensions.is_some());
        assert!(is_read, "{document}\n{:?}", own.errors);
        count(&serde_json::to_value(&own.data).unwrap(), &mut seen);
        if own.data == Value::Null && own.errors.is_empty() {
            wrong.push(format!("{document}\nno answer"));
        }
        wrong.extend(difference(&own, library).map(|found| format!("{document}\n{found}")));
        if own.errors.is_empty() {
            warm += 1;
            let told = serde_json::to_string(&own).unwrap();
            let counted = members(&serde_json::to_value(&own.data).unwrap());
            if let Some((json, cost)) = fixture.at_once(document, fixture.rows.at(newest)).await {
                at_once += 1;
                if json != told || cost != counted {
                    wrong.push(format!("{document}\n{json} {cost}\n{told} {counted}"));
                }
            }
        }
        at += 1;
        if at == documents.len() && at < MAX_DOCUMENTS {
            // Few records have a value of such a type: more documents, until one of them shows it.
            let missed = types.far.keys().filter(|name| !seen.contains_key(*name));
            let missed: Vec<&String> = missed.filter(|name| *name != "Query").collect();
            documents.extend(
                missed
                    .iter()
                    .cycle()
                    .take(50 * missed.len())
                    .map(|name| writer.document(name)),
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
    assert!(
        documents.len() >= 5_000 && failed > 300,
        "{} {failed}",
        documents.len()
    );
    // The others show what changes without the log, search, introspect, or want rows that the row cache had no room for.
    assert!(at_once * 3 > warm * 2, "{at_once} of {warm} at once");
    let missed: Vec<&String> = (types.possible.keys())
        .filter(|name| *name != "Query" && !seen.contains_key(*name))
        .collect();
    assert!(missed.is_empty(), "{missed:?} beside {seen:?}");
}
