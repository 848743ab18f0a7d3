//! Templates of other products: what their names mean here.
//!
//! Braze writes `{{${first_name}}}` and `{{custom_attribute.${shoe size}}}`; CleverTap writes
//! `{{ Profile.Name | default: "friend" }}`; Customer.io is plain Liquid. The lexer reads `${…}` as one
//! name everywhere; what the first name of a path stands for is a table that the caller may replace.

/// The name under which a bare `${name}` is looked for in a table of aliases.
pub const BARE: &str = "${}";

/// The first name of a path, and what it stands for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias<'a> {
    /// As the template writes it, such as `Profile`, or [`BARE`] for `${name}` alone.
    pub written: &'a str,
    /// The first name of the path in the caller's data, such as `customer`.
    pub meaning: &'a str,
}

/// Braze: attributes and custom attributes of a customer, and what triggered the message.
pub const BRAZE: &[Alias<'static>] = &[
    Alias { written: BARE, meaning: "customer" },
    Alias { written: "custom_attribute", meaning: "customer" },
    Alias { written: "event_properties", meaning: "event" },
    Alias { written: "canvas_entry_properties", meaning: "event" },
    Alias { written: "api_trigger_properties", meaning: "event" },
];

/// CleverTap: the profile, and what triggered the message.
pub const CLEVERTAP: &[Alias<'static>] =
    &[Alias { written: "Profile", meaning: "customer" }, Alias { written: "Event", meaning: "event" }];

/// Both at once: their names do not collide.
pub const ALL: &[Alias<'static>] =
    &[BRAZE[0], BRAZE[1], BRAZE[2], BRAZE[3], BRAZE[4], CLEVERTAP[0], CLEVERTAP[1]];
