//! `POST /fhir/R4/Patient/$reconcile`: why records belong together, and what keeps others apart.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use samenhang_reconcile::answer::{Subject, write_explanation};
use serde_json::Value;

use super::request::{Besides, known, respond, text};
use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::parameters::Taken;
use crate::http::asked::Asked;

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
pub async fn reconcile(State(app): State<Arc<App>>, asked: Asked) -> Response {
    asked.respond(Box::pin(answer(&app, &asked)).await)
}

async fn answer(app: &Arc<App>, asked: &Asked) -> Result<Response, Vec<Problem>> {
    let (course, whole, about) = known::<About>(app, asked).await?;
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
