//! One change of one record: as it is proposed, and checked as far as it can be by itself.

mod checked;
mod input;
mod operation;
mod proposed;

pub use checked::MAX_CITES;
pub use input::{ChangeInput, RestoreRecord, RetireRecord};
pub use operation::Operation;
pub use proposed::Proposed;
