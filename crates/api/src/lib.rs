//! The HTTP contract: bodies, routes, errors, OpenAPI.
