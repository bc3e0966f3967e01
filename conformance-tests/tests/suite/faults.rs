//! Every fault that the testbed can show, with the behaviour that is required of the server.
//!
//! One test per fault, over HTTP, against a whole country. Each looks at what the asker gets (statuses, data, notices)
//! and at what the journal saw (who was asked, how often); none looks at a clock. Numbers such as F18 are those of the
//! fault catalogue.

mod audit;
mod breaker;
mod certificates;
mod consent;
mod content;
mod directory;
mod framing;
mod load;
mod login;
mod national;
mod paging;
mod possession;
mod rotation;
mod scene;
mod status;
mod tokens;
mod transport;
mod wire;
