//! Limits as part of the text of a statement. `SQLite` prepares a statement again whenever a value of `LIMIT` or `OFFSET`
//! is bound, because its plan may depend on it. Source: `sqlite3ExprIsInteger` and `sqlite3VdbeSetVarmask`.

use sea_orm::{DbBackend, Statement, Value, Values};

/// Writes the limits and offsets of a statement for `SQLite` into its text. Other statements stay as they are.
pub fn written(mut statement: Statement) -> Statement {
    let has_limit = || ["LIMIT ?", "OFFSET ?"].map(|limit| statement.sql.contains(limit));
    if statement.db_backend != DbBackend::Sqlite || has_limit() == [false, false] {
        return statement;
    }
    let Some(Values(values)) = statement.values.take() else {
        return statement;
    };
    let mut sql = String::with_capacity(statement.sql.len());
    let mut rest = values.into_iter();
    let mut kept = Vec::new();
    let mut quote = None;
    for letter in statement.sql.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '?') => {
                let value = rest.next();
                let is_limit = sql.ends_with("LIMIT ") || sql.ends_with("OFFSET ");
                if let Some(limit) = value.as_ref().and_then(number).filter(|_| is_limit) {
                    sql.push_str(&limit);
                    continue;
                }
                kept.extend(value);
            }
            _ => {}
        }
        sql.push(letter);
    }
    kept.extend(rest);
    statement.sql = sql;
    statement.values = Some(Values(kept));
    statement
}

fn number(value: &Value) -> Option<String> {
    match value {
        Value::BigUnsigned(Some(number)) => Some(number.to_string()),
        Value::BigInt(Some(number)) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Expr, ExprTrait, Query};
    use sea_orm::{DbBackend, Statement};

    use super::written;

    fn select(backend: DbBackend) -> Statement {
        let inner = Query::select()
            .column("a")
            .from("t")
            .limit(7)
            .offset(2)
            .to_owned();
        let outer = Query::select()
            .column("LIMIT ?")
            .from("t")
            .and_where(Expr::col("b").eq("x"))
            .and_where(Expr::col("a").in_subquery(inner))
            .and_where(Expr::cust("'it''s LIMIT ?' <> c"))
            .and_where(Expr::col("d").eq(5))
            .limit(3)
            .to_owned();
        backend.build(&outer)
    }

    #[test]
    fn limits_for_sqlite_are_written_into_the_text() {
        let bound = select(DbBackend::Sqlite);
        let literal = written(bound);
        assert_eq!(
            literal.sql,
            "SELECT \"LIMIT ?\" FROM \"t\" WHERE \"b\" = ? AND \"a\" IN (SELECT \"a\" FROM \"t\" LIMIT 7 OFFSET 2) \
                AND ('it''s LIMIT ?' <> c) AND \"d\" = ? LIMIT 3"
        );
        assert_eq!(literal.values.unwrap().0, ["x".into(), 5.into()]);
        let without_values = Statement::from_string(DbBackend::Sqlite, "SELECT 1 LIMIT ?");
        assert_eq!(written(without_values.clone()), without_values);
    }

    #[test]
    fn limits_for_postgresql_stay_bound() {
        let bound = select(DbBackend::Postgres);
        assert_eq!(written(bound.clone()), bound);
    }
}
