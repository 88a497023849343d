//! Indexes lists of records in their order: above all the part of a list that belongs to a country or a treaty. A page of
//! a long list then reads no more rows than it has.

use sea_orm_migration::prelude::*;

use crate::record;

/// Indexes lists of records in their order.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// An index of a list in its order.
struct Sorted {
    table: &'static str,
    /// The column of the record to which a part of the list belongs; `None` for the whole list.
    owner: Option<&'static str>,
    /// The column by which the list is sorted.
    column: &'static str,
    direction: IndexOrder,
    /// The column that the usual condition of the list reads.
    condition: Option<&'static str>,
    /// True if it takes the place of the index by the first of its columns alone.
    replaces: bool,
}

const SORTED: [Sorted; 7] = [
    Sorted::new("treaty_event", "country", "earliest").beside(),
    Sorted::new("treaty_event", "treaty", "earliest").beside(),
    Sorted::new("policy_document", "country", "adopted_latest")
        .newest_first()
        .begins(),
    Sorted::new("policy_document", "country", "adopted_latest")
        .whole()
        .newest_first()
        .begins(),
    Sorted::new("cybersecurity_body", "country", "sort_name").begins(),
    Sorted::new("operational_unit", "country", "sort_name").begins(),
    Sorted::new("court_decision", "country", "latest").newest_first(),
];

impl Sorted {
    const fn new(table: &'static str, owner: &'static str, column: &'static str) -> Self {
        Self {
            table,
            owner: Some(owner),
            column,
            direction: IndexOrder::Asc,
            condition: None,
            replaces: true,
        }
    }

    const fn whole(self) -> Self {
        Self {
            owner: None,
            ..self
        }
    }

    const fn newest_first(self) -> Self {
        Self {
            direction: IndexOrder::Desc,
            ..self
        }
    }

    const fn begins(self) -> Self {
        Self {
            condition: Some("begins"),
            ..self
        }
    }

    const fn beside(self) -> Self {
        Self {
            replaces: false,
            ..self
        }
    }

    fn name(&self) -> String {
        let Self { table, column, .. } = self;
        match self.owner {
            Some(owner) => format!("{table}_by_{owner}_in_order_of_{column}"),
            None => format!("{table}_in_order_of_{column}"),
        }
    }

    /// The columns of the index whose place it takes.
    fn before(&self) -> [&'static str; 1] {
        [self.owner.unwrap_or(self.column)]
    }

    fn index(&self) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(self.name()).table(self.table);
        if let Some(owner) = self.owner {
            index.col(owner);
        }
        index.col((self.column, self.direction.clone()));
        for column in ["id", "since", "until"].into_iter().chain(self.condition) {
            index.col(column);
        }
        index
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sorted in &SORTED {
            manager.create_index(sorted.index()).await?;
            if sorted.replaces {
                record::drop_index(manager, sorted.table, &sorted.before()).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sorted in &SORTED {
            if sorted.replaces {
                record::create_index(manager, sorted.table, &sorted.before()).await?;
            }
            let index = Index::drop()
                .name(sorted.name())
                .table(sorted.table)
                .to_owned();
            manager.drop_index(index).await?;
        }
        Ok(())
    }
}
