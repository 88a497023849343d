//! A page that is asked for, and the slice of a list that answers it.

use serde_json::Value;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// How many rows at most.
    pub size: u64,
    /// Whether the first or the last rows of the part are wanted.
    pub forward: bool,
    /// The part begins after the row with this key.
    pub after: Option<Vec<Value>>,
    /// The part ends before the row with this key.
    pub before: Option<Vec<Value>>,
    /// Whether the whole list is to be counted.
    pub count: bool,
}

/// Some rows of a list, in its order, and what lies around them.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows after these.
    pub has_next: bool,
    /// Whether there are rows before these.
    pub has_previous: bool,
    /// How many rows the whole list has, where it was to be counted.
    pub total: Option<u64>,
}

impl<T> Default for Slice<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T> Slice<T> {
    /// The slice of an empty list.
    pub fn empty() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
            total: Some(0),
        }
    }

    /// The page of a whole list that is at hand, sorted by `key`.
    pub fn of(list: Vec<T>, page: &Page, key: impl Fn(&T) -> Vec<Value>) -> Self {
        let total = u64::try_from(list.len()).ok();
        let passed = |row: &T, bound: &Option<Vec<Value>>, order: std::cmp::Ordering| {
            bound
                .as_ref()
                .is_none_or(|bound| compare(&key(row), bound) == order)
        };
        let mut has_previous = false;
        let mut has_next = false;
        let mut rows = Vec::new();
        for row in list {
            if !passed(&row, &page.after, std::cmp::Ordering::Greater) {
                has_previous = true;
            } else if passed(&row, &page.before, std::cmp::Ordering::Less) {
                rows.push(row);
            } else {
                has_next = true;
            }
        }
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let surplus = rows.len().saturating_sub(size);
        if surplus > 0 && page.forward {
            rows.truncate(size);
            has_next = true;
        } else if surplus > 0 {
            rows.drain(..surplus);
            has_previous = true;
        }
        Self {
            rows,
            has_next,
            has_previous,
            total,
        }
    }

    /// The same slice of something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Slice<U> {
        Slice {
            rows: self.rows.into_iter().map(make).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }

    /// The same slice of what is made of each row.
    pub fn of_each<U>(&self, make: impl FnMut(&T) -> U) -> Slice<U> {
        Slice {
            rows: self.rows.iter().map(make).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }
}

impl<T> Slice<Option<T>> {
    /// The slice without what is not there.
    pub fn present(self) -> Slice<T> {
        Slice {
            rows: self.rows.into_iter().flatten().collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }
}

fn compare(one: &[Value], other: &[Value]) -> std::cmp::Ordering {
    let both = one.iter().zip(other);
    both.map(|(one, other)| match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (one, other) => one.as_str().cmp(&other.as_str()),
    })
    .find(|order| order.is_ne())
    .unwrap_or(std::cmp::Ordering::Equal)
}
