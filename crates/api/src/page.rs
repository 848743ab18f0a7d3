//! Lists that page by key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// How many items a page has when nobody says.
pub const LIMIT_DEFAULT: usize = 50;
/// How many items a page has at most.
pub const LIMIT_MAX: usize = 1000;

/// One page of a list. The next page starts after `next`; there is no page number, so a list that grows never
/// shows an item twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Pass this as `after` (or `before`) to get the next page. Missing: this was the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// All there is, on one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The same page with other items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

/// Named after its items: `PageOfCampaignBrief`.
impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("PageOf{}", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .description(Some("The items, in the order of the list."));
        let next = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "Pass this as `after` (or `before`) for the next page; missing: this was the last.",
            ))
            .examples(["c2a1"]);
        ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property("items", items)
            .required("items")
            .property("next", next)
            .into()
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Start after this: the `next` of the page before.
    #[param(example = "c2a1")]
    pub after: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}

impl PageQuery {
    /// The checked limit.
    pub fn limit(&self) -> usize {
        limit(self.limit)
    }
}

/// A wanted limit, kept within 1 and [`LIMIT_MAX`].
pub fn limit(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
}
