//! The arguments of a page, and the slice of a list that answers it.

use serde_json::Value;

/// The arguments of a page. Both bounds may be given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// The most rows that the page contains.
    pub size: u64,
    /// True if the page is taken from the start of the part between the bounds, false if from its end.
    pub forward: bool,
    /// The sort key after which the part begins.
    pub after: Option<Vec<Value>>,
    /// The sort key before which the part ends.
    pub before: Option<Vec<Value>>,
    /// True if the rows of the whole list are to be counted.
    pub count: bool,
}

/// Consecutive rows of a list, in its order.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// True if the list has rows after these.
    pub has_next: bool,
    /// True if the list has rows before these.
    pub has_previous: bool,
    /// The number of rows in the whole list, if it was counted.
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

    /// A page of a list in memory, which is sorted by `key`.
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

    /// Converts each row.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Slice<U> {
        Slice {
            rows: self.rows.into_iter().map(make).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }

    /// Converts a reference to each row.
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
    /// Removes the rows that are `None`. The other members stay as they are.
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
