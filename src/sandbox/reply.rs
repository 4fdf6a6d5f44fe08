//! Whole answers, and faults on their way.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, header};

use super::answer::{Answer, PASSED_ON, refuse};
use super::ids;
use super::limits::LimitHeaders;

/// A whole answer, before it is bytes.
pub(super) struct Reply {
    pub(super) answer: Answer,
    /// The values of the rate limit's headers.
    pub(super) told: Option<LimitHeaders>,
    pub(super) retry_after: Option<u64>,
    pub(super) shape: Shape,
    /// When it was given, in milliseconds of the sandbox's time.
    pub(super) at: Option<u64>,
    /// Whether the token identified the user, whose id is then in a header.
    pub(super) known: bool,
    /// The delay.
    pub(super) delay: Duration,
}

/// What happens to the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Whole,
    /// It ends early.
    Cut,
    /// The connection breaks.
    Broken,
    /// A page of a proxy replaces it.
    Page,
}

impl Reply {
    /// Sets the waiting time.
    pub(super) fn too_many(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..refuse(429, "ThrottlerException: Too Many Requests").into() }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let Self { answer: Answer { status, body, raw }, told, retry_after, shape, known, at, delay: _ } = self;
        let mut response = Response::builder().status(status);
        if known {
            response = response.header("x-gotrue-id", ids::uuid("user"));
        }
        if let Some(at) = at {
            response = response.header(header::DATE, ids::date(at));
        }
        if let Some(told) = told {
            response = response
                .header("x-ratelimit-limit", told.limit)
                .header("x-ratelimit-remaining", told.remaining)
                .header("x-ratelimit-reset", told.reset);
        }
        if let Some(seconds) = retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        let body = match (shape, body) {
            (Shape::Broken, _) => Body::new(http_body_util::StreamBody::new(futures_util::stream::once(async {
                Err::<http_body::Frame<Bytes>, _>(std::io::Error::other("the connection broke"))
            }))),
            (Shape::Page, _) => {
                response = response.header(header::CONTENT_TYPE, "text/html");
                Body::from("<!DOCTYPE html><title>Web server is down</title><h1>Error</h1>")
            }
            (shape, None) => match raw {
                Some((content_type, mut bytes)) => {
                    if content_type == PASSED_ON {
                        response = response.header(header::CACHE_CONTROL, "no-cache");
                    }
                    response = response.header(header::CONTENT_TYPE, content_type);
                    if shape == Shape::Cut {
                        bytes.truncate(bytes.len() / 2);
                    }
                    Body::from(bytes)
                }
                None => Body::empty(),
            },
            (shape, Some(value)) => {
                response = response.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
                let mut text = value.to_string();
                if shape == Shape::Cut {
                    text.truncate(text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at));
                }
                Body::from(text)
            }
        };
        response.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            told: None,
            retry_after: None,
            shape: Shape::Whole,
            known: false,
            at: None,
            delay: Duration::ZERO,
        }
    }
}
