//! A column and the property that it is a column of: here, or brought when somebody names it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use model::Text;

use crate::cold::Held;
use crate::column::{Column, Kind};

/// A column and the property that it is a column of.
#[derive(Debug, Clone)]
pub struct Named {
    /// The property.
    pub name: Text,
    kind: Kind,
    cell: Cell,
}

/// How a column is brought; `None`: it cannot be had, and whoever brings it has noted why.
pub(crate) type Bring = Arc<dyn Fn() -> Option<Arc<Held<Column>>> + Send + Sync>;

#[derive(Clone)]
enum Cell {
    Here(Column),
    Away { bring: Bring, brought: OnceLock<Option<Arc<Held<Column>>>> },
}

impl Named {
    /// A column that is here.
    pub(crate) fn new(name: Text, column: Column) -> Self {
        Self { name, kind: column.kind(), cell: Cell::Here(column) }
    }

    /// A column that is brought when it is asked for, once.
    pub(crate) fn away((name, kind): (Text, Kind), bring: Bring) -> Self {
        Self { name, kind, cell: Cell::Away { bring, brought: OnceLock::new() } }
    }

    /// The type of its values.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it says in each row; brings it when it is away. `None`: it cannot be had, and the snapshot says so.
    pub fn column(&self) -> Option<&Column> {
        match &self.cell {
            Cell::Here(column) => Some(column),
            Cell::Away { bring, brought } => brought.get_or_init(|| bring()).as_ref().map(|held| &***held),
        }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(column) => column.fmt(f),
            Self::Away { brought, .. } => f.debug_tuple("Away").field(brought).finish(),
        }
    }
}
