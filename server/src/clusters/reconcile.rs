//! `POST /fhir/R4/Patient/$reconcile`: why records belong together, and what keeps others apart.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use http::HeaderMap;
use samenhang_reconcile::answer::{Subject, write_explanation};
use serde_json::Value;

use super::request::{Asking, Besides, known, respond, text};
use crate::access::Context;
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::base::Base;
use crate::fhir::parameters::Taken;
use crate::http::correlation::Correlation;
use crate::http::problem;

/// Characters of an address or an id.
const LONGEST: usize = 2_048;

/// What is to be explained; everything when neither is given.
#[derive(Default)]
struct About {
    cluster: Option<String>,
    record: Option<String>,
}

impl Besides for About {
    fn take(&mut self, name: &str, parameter: &Value) -> Option<Taken> {
        let place = match name {
            "cluster" => &mut self.cluster,
            "record" => &mut self.record,
            _ => return None,
        };
        let is_first = place.is_none();
        *place = text(parameter, LONGEST);
        Some(if is_first && place.is_some() {
            Taken::Good
        } else {
            Taken::Bad(
                "Geef de id van een cluster als valueString, of het adres van een gegeven als valueUri, eenmaal.",
                "Give the id of a cluster as valueString, or the address of a record as valueUri, once.",
            )
        })
    }

    fn check(&self) -> Result<(), Problem> {
        if self.cluster.is_some() && self.record.is_some() {
            return Err(Problem::new(Kind::InvalidParameter)
                .at("Parameters.parameter")
                .hint(
                    "Geef cluster of record, niet beide.",
                    "Give cluster or record, not both.",
                ));
        }
        Ok(())
    }
}

/// Explains.
pub async fn reconcile(
    State(app): State<Arc<App>>,
    Extension(correlation): Extension<Correlation>,
    Extension(context): Extension<Context>,
    base: Base,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        return problem::respond(Kind::TooLarge.into(), "/fhir", &headers);
    };
    let request = Asking {
        base,
        query: &query,
        headers: &headers,
        body: &body,
    };
    match Box::pin(answer(&app, &correlation, &context, &request)).await {
        Ok(response) => response,
        Err(problems) => problem::respond_all(problems, "/fhir", &headers),
    }
}

async fn answer(
    app: &Arc<App>,
    correlation: &Correlation,
    context: &Context,
    request: &Asking<'_>,
) -> Result<Response, Vec<Problem>> {
    let (course, whole, about) = known::<About>(app, correlation, context, request).await?;
    let subject = match (&about.cluster, &about.record) {
        (Some(id), _) => Subject::Cluster(id),
        (_, Some(address)) => Subject::Record(address),
        _ => Subject::All,
    };
    let told = write_explanation(&whole.reconciled, Some(&whole.statement), subject);
    let told = told.ok_or_else(|| vec![Problem::new(Kind::NotInAnswer)])?;
    drop(course);
    let response = respond(told, &whole);
    whole.let_go();
    Ok(response)
}
