//! What a console user or token may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::BadIdentifier;
use crate::identifier::words;

words! {
    /// What a console user or token may do. Each may do all that those before it may.
    Role, "a role (viewer, analyst, marketer, admin, owner)", {
        /// Looks.
        Viewer = "viewer",
        /// Asks questions, exports lists.
        Analyst = "analyst",
        /// Makes audiences and campaigns, and sends.
        Marketer = "marketer",
        /// Changes settings and keys, erases customers.
        Admin = "admin",
        /// Decides who has access.
        Owner = "owner",
    }
}
