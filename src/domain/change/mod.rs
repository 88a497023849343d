//! One proposed change of one record: its input, and the checks that need no stored data.

mod checked;
mod citing;
mod input;
mod operation;
mod proposed;

pub use checked::MAX_CITES;
pub use citing::Citing;
pub use input::{ChangeInput, RestoreRecord, RetireRecord};
pub use operation::Operation;
pub use proposed::Proposed;
