//! One endpoint of one holder.

pub mod paging;
pub mod reference;
pub mod subject;
pub mod version;
