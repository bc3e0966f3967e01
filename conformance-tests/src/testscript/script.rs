//! A script as it is executed: its variables, fixtures, profiles and actions.
//!
//! Reads STU3 and R4 alike. An action or assertion of a kind that is not known is kept as such, so that the run says
//! that it was skipped.

mod read;

use std::collections::BTreeMap;

use samenhang_profiles::document::Document;

use super::error::TestScriptError;

/// A script.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// `TestScript.id`, or else its name.
    pub id: String,
    /// `TestScript.title`.
    pub title: String,
    /// Variables, in the order of the script.
    pub variables: Vec<Variable>,
    /// Canonicals of profiles by the id under which assertions name them.
    pub profiles: BTreeMap<String, String>,
    /// Fixtures: the id under which actions name them, and where the resource is.
    pub fixtures: BTreeMap<String, String>,
    /// What is done before the tests.
    pub setup: Vec<Action>,
    /// The tests.
    pub tests: Vec<Test>,
    /// What is done after the tests.
    pub teardown: Vec<Action>,
}

/// A test of a script.
#[derive(Debug, Clone, Default)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// What it does, in order.
    pub actions: Vec<Action>,
}

/// A variable, `${name}` in the texts of a script.
#[derive(Debug, Clone, Default)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The value when nothing else gives one. It may hold placeholders itself.
    pub default: Option<String>,
    /// The fixture or response that it is taken from; the last response when absent.
    pub source: Option<String>,
    /// FHIRPath over the source.
    pub expression: Option<String>,
    /// A path over the source, as `XPath` or `JSONPath`.
    pub path: Option<String>,
    /// A header of the source.
    pub header: Option<String>,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Action {
    /// A request.
    Operation(Box<Operation>),
    /// A claim about a request or its answer.
    Assert(Box<Assertion>),
    /// Neither: a step that is not known.
    Unknown,
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// The code of its type: `search`, `read`, `create` and so on.
    pub kind: String,
    /// The type of resource.
    pub resource: Option<String>,
    /// What it is for.
    pub description: String,
    /// What is accepted: `json`, `xml` or a media type.
    pub accept: Option<String>,
    /// What is sent: `json`, `xml` or a media type.
    pub content_type: Option<String>,
    /// What stands behind the type in the address, as in `?code=x` or `/$lastn?code=x`.
    pub params: Option<String>,
    /// The whole address, in place of what the others would make.
    pub url: Option<String>,
    /// The method, where the script says one (R4).
    pub method: Option<String>,
    /// The fixture that is sent.
    pub source: Option<String>,
    /// The fixture whose type and id are asked for.
    pub target: Option<String>,
    /// The id under which the answer is kept.
    pub response_id: Option<String>,
    /// The id under which the request is kept.
    pub request_id: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
}

/// A claim.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// Its label, where it has one.
    pub label: Option<String>,
    /// What it claims, in words.
    pub description: String,
    /// What it looks at: the request, or the response.
    pub of_request: bool,
    /// The fixture or response that it looks at; the last response when absent.
    pub source: Option<String>,
    /// How what is found is compared; `equals` when absent.
    pub operator: Option<String>,
    /// What is expected.
    pub value: Option<String>,
    /// What is looked at.
    pub check: Check,
    /// Whether the test ends when the claim does not hold.
    pub stop_on_fail: bool,
    /// Whether it is only told when the claim does not hold.
    pub warning_only: bool,
}

/// What an assertion looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// FHIRPath.
    Expression(String),
    /// `XPath` or `JSONPath`.
    Path(String),
    /// FHIRPath, compared with what another expression or path gives for another fixture.
    CompareTo {
        /// Over what is looked at.
        own: String,
        /// The other fixture.
        source: String,
        /// Over the other fixture.
        other: String,
    },
    /// Numbers of HTTP statuses.
    ResponseCode(String),
    /// The name of an HTTP status: `okay`, `created` and so on.
    Response(String),
    /// The type of resource.
    Resource(String),
    /// The media type.
    ContentType(String),
    /// A header.
    Header(String),
    /// The address of the request.
    RequestUrl(String),
    /// The method of the request.
    RequestMethod(String),
    /// Validity against a profile of the script, by its id.
    ValidateProfile(String),
    /// That a Bundle has the links of paging.
    NavigationLinks,
    /// A rule of Touchstone, by its id.
    Rule(String),
    /// Something that the runner does not execute, by its name in FHIR.
    Other(&'static str),
}

impl Script {
    /// Reads a script from the tree of a resource.
    ///
    /// # Errors
    /// [`TestScriptError::OtherResource`].
    pub fn read(document: &Document<'_>) -> Result<Script, TestScriptError> {
        read::script(document)
    }
}
