//! The description of the whole contract, generated from the table of routes.

use std::collections::BTreeMap;

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::hosted;
use crate::problem::Problem;
use crate::route::{Access, Body, GROUPS, Group, Method, Route};

/// The text of `openapi.json`.
pub fn text() -> String {
    let mut text = description().to_pretty_json().expect("a description always has a JSON form");
    text.push('\n');
    text
}

/// The description itself.
pub fn description() -> OpenApi {
    let mut paths = Paths::new();
    for group in GROUPS {
        for route in group.routes {
            add(&mut paths, route.path, PathItem::new(method(route.method), operation(group, route)));
            if let Some(also) = route.also {
                let mut short = operation(group, route);
                short.operation_id = Some(format!("{}_short", route.operation.id()));
                add(&mut paths, also, PathItem::new(method(route.method), short));
            }
        }
    }
    let info = InfoBuilder::new()
        .title("Omotenashi")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Customers, audiences, questions, campaigns and the decision ledger of one workspace. Errors are \
             problem details (RFC 9457) that name the field, the value and the fix. Lists page by key: pass \
             `next` as `after`.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths)
        .components(Some(components()))
        .tags(Some(
            GROUPS
                .iter()
                .map(|group| TagBuilder::new().name(group.name).description(Some(group.about)).build()),
        ))
        .build()
}

fn add(paths: &mut Paths, path: &str, item: PathItem) {
    match paths.paths.get_mut(path) {
        Some(existing) => existing.merge_operations(item),
        None => drop(paths.paths.insert(path.to_owned(), item)),
    }
}

fn method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Delete => HttpMethod::Delete,
    }
}

fn operation(group: &Group, route: &Route) -> Operation {
    let query = route.query.map(|parameters| parameters()).unwrap_or_default();
    let parameters: Vec<Parameter> = route.path_parameters().map(path_parameter).chain(query).collect();
    let mut operation = OperationBuilder::new()
        .tag(group.name)
        .operation_id(Some(route.operation.id()))
        .summary(Some(route.summary))
        .response(route.status.to_string(), answer(route))
        .response("default", wrong(route));
    if !parameters.is_empty() {
        operation = operation.parameters(Some(parameters));
    }
    if let Some(body) = route.body {
        let required = RequestBodyBuilder::new().required(Some(Required::True));
        operation = operation.request_body(Some(required.content(body.media, content(body)).build()));
    }
    match route.access {
        Access::Everyone | Access::AnySite => operation.build(),
        Access::WriteKey => operation.security(requirement("write_key")).build(),
        Access::Role(role) => operation
            .description(Some(format!("Needs the role `{}` or a higher one.", role.word())))
            .security(requirement("token"))
            .security(requirement("session"))
            .build(),
    }
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, std::iter::empty::<String>())
}

fn path_parameter(name: &'static str) -> Parameter {
    let (meaning, example) = match name {
        "id" => ("Its id.", "c2a1"),
        "name" => ("Its name, percent-encoded.", "regulars"),
        "key" => ("The key it was made with.", "9f3c1a"),
        "token" => ("The signed token from the message.", "AZx1…"),
        _ => ("Which one.", "1"),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(meaning))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).examples([example])))
        .build()
}

fn answer(route: &Route) -> utoipa::openapi::Response {
    match route.answer {
        Some(body) => ResponseBuilder::new().description("Done.").content(body.media, content(body)).build(),
        None => ResponseBuilder::new().description("Done; nothing to say.").build(),
    }
}

fn wrong(route: &Route) -> utoipa::openapi::Response {
    if hosted::is_for_customers(route.path) {
        let page = Body { media: "text/html", schema: None };
        let answer = ResponseBuilder::new().description("What went wrong, as a page for customers.");
        return answer.content(page.media, content(page)).build();
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new()
        .description("What went wrong.")
        .content("application/problem+json", content)
        .build()
}

fn content(body: Body) -> utoipa::openapi::Content {
    match body.schema {
        Some(schema) => ContentBuilder::new().schema(Some(Ref::from_schema_name((schema.name)()))).build(),
        None if body.media == "application/json" => {
            ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object))).build()
        }
        None => ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build(),
    }
}

fn components() -> utoipa::openapi::Components {
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    let mut referenced = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut referenced);
    for schema in
        crate::route::all().flat_map(|route| [route.body, route.answer]).flatten().filter_map(|it| it.schema)
    {
        referenced.push(((schema.name)().into_owned(), (schema.schema)()));
        (schema.references)(&mut referenced);
    }
    schemas.extend(referenced);
    let bearer = |about: &str| {
        SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build(),
        )
    };
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", bearer("An API token."))
        .security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "omotenashi_session",
                "The session cookie; requests that change something also send `x-csrf-token`.",
            ))),
        )
        .security_scheme(
            "write_key",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Basic)
                    .description(Some("The write key as user name, without password; or as bearer token; or as `writeKey` in the body."))
                    .build(),
            ),
        )
        .build()
}
