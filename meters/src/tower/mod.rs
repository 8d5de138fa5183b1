//! Requests of axum, hyper and tonic: a layer of `tower`, with the feature `tower`.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{Router, routing::get};
//! use meters::tower::MonitorLayer;
//!
//! let service: Router = Router::new()
//!     .route("/users/{id}", get(|| async { "a user" }))
//!     .layer(MonitorLayer::new().dimension("Service", "shop"));
//! # use axum::{body::Body, http::Request};
//! # let mut service = service;
//! # futures_util::FutureExt::now_or_never(async {
//! // GET /users/17
//! # let request = Request::get("/users/17").body(Body::empty()).unwrap();
//! # let answer = tower_service::Service::call(&mut service, request).await.unwrap();
//! # http_body_util::BodyExt::collect(answer.into_body()).await.unwrap();
//! let snapshot = meters::snapshot();
//! let users = snapshot.metric("Request").with("Route", "/users/{id}").with("Method", "GET");
//! assert_eq!(users.calls().ok(), 1);
//! assert_eq!(snapshot.metric("Request.Answers").with("Status", "2xx").count(), 1);
//! # }).unwrap();
//! ```
//!
//! # What is recorded
//!
//! | metric | unit | dimensions | what |
//! |---|---|---|---|
//! | `Request` | Microseconds | `Route`, `Method` | requests: the time from when one comes in to the end of the body that answers it |
//! | `Request.Errors` | Count | `Route`, `Method` | those that failed: the average is the error rate |
//! | `Request.Cancelled` | Count | `Route`, `Method` | those whose client went away before that end |
//! | `Request.Answers` | Count | `Route`, `Method`, `Status` | requests by status |
//! | `Request.InFlight` | Count | none | requests under way, from when they come in to that end |
//! | `Request.TimeToFirst` | as `Request` | `Route`, `Method` | the time to the headers, where [`time_to_first`](MonitorLayer::time_to_first) asks for it |
//!
//! All carry what [`dimension`](MonitorLayer::dimension) adds. A request is one call of `Request`, and one of `Request.Answers`:
//! SampleCount of the first is the sum of the second, and the number of requests. Each combination of dimensions is a metric of
//! CloudWatch and is paid for: a route that one method asks for, and that answers `2xx` and `4xx`, makes four, and a fifth once
//! a client went away. Names and dimensions can be [told otherwise](MonitorLayer::name), methods and statuses
//! [left out](MonitorLayer::without_method), [sums](MonitorLayer::rollup) over them added.
//!
//! # How a request ends
//!
//! * **ok**, where the body of the answer came to its end: it has none, it said so, all bytes of its `Content-Length` were
//!   taken from it, or its trailers. Answers to `HEAD`, with 1xx, 204 and 304 end with their headers; so does one with 101,
//!   and a `CONNECT` that succeeds: what goes over a connection after that is no answer.
//! * with an **error**, where the answer [is one](Answer::is_error), as those with 5xx are; where its body fails, or where the
//!   service gives no answer at all.
//! * with a **panic**, where a handler or a body panics.
//! * **cancelled**, where it is dropped before: the future of the answer or its body, since a client went away or a timeout was
//!   over. (A server does not notice that one is gone who has taken all bytes of an answer from it but not from the network.)
//!
//! # Dimensions
//!
//! * `Method` is one of the nine of [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-9) and
//!   [RFC 5789](https://www.rfc-editor.org/rfc/rfc5789), or `_other`. It is `_other` as well where it was answered with 405 or
//!   501: who tries all methods on all routes makes no series of each.
//! * `Status` is `1xx` to `5xx`, or of gRPC the name of its code (`OK`, `NOT_FOUND`); `_other` for what is none of these, and
//!   `_none` for a request without an answer.
//! * `Route` is a template, and never a path. It is, in this order:
//!   1. what [`route`](MonitorLayer::route) says;
//!   2. of a call of gRPC, `/package.Service/Method`, once that was answered with something that only a method answers: not
//!      with `UNIMPLEMENTED`, nor with `UNAUTHENTICATED`, `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED` or `UNAVAILABLE`, which any
//!      path is answered with by what stands before the methods;
//!   3. with the feature `axum`, the path that a `Router` of axum matched. The layer is to be put into it by `Router::layer`
//!      or `Router::route_layer`: around the router, a request comes to it before it was matched;
//!   4. `_unmatched`, which stands for all that has no template. Over [a limit](MonitorLayer::limit) it is `_other`.
//!
//! Nothing else that a client sends is recorded, neither a header nor a path. What a handler says by
//! [`meters::dimension`](fn@crate::dimension), outside of functions that are annotated, is a dimension of its request: of `Request`,
//! its errors and cancelled ones.
//!
//! # hyper and tonic
//!
//! With hyper, the service goes into `hyper_util::service::TowerToHyperService`; with tonic, the layer into
//! `Server::builder().layer(…)`. As it knows nothing of servers, it may be put around a client as well, with a
//! [name](MonitorLayer::name) of its own.
//!
//! # Its cost
//!
//! A request costs two readings of the clock, and three records; it finds its series without a lock and without an allocation.
//! The answer is what it was, and so is when the service is ready. `MonitorService<S>` is `Clone` where `S` is,
//! `MonitorFuture<F>` and `MonitorBody<B>` are `Send`, `Sync` and `Unpin` where `F` and `B` are.

mod answer;
mod body;
mod exchange;
mod layer;
mod method;
mod series;
mod service;
mod settings;
mod table;

pub use answer::Answer;
pub use body::MonitorBody;
pub use layer::MonitorLayer;
pub use service::{MonitorFuture, MonitorService};
