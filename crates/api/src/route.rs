//! The table of everything the server answers: router, documentation and client all come from it.
//!
//! A route is declared once, beside its bodies, as a constant. The server asks
//! for a handler for each [`Operation`] (an exhaustive match), so a route that is
//! described but not served does not compile, and one that is served but not
//! described cannot be written.

use model::Role;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or does.
    Post,
    /// Replaces.
    Put,
    /// Takes away.
    Delete,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: what is asked for says nothing about anybody, or carries its own proof.
    Everyone,
    /// Anybody, also from pages of other sites: no cookie is looked at.
    AnySite,
    /// Whoever holds a write key, also from pages of other sites: no cookie is looked at.
    WriteKey,
    /// Whoever is signed in, or holds an API token, with at least this role.
    Role(Role),
}

impl Access {
    /// Whether pages of other sites may call.
    pub const fn is_shared(self) -> bool {
        match self {
            Self::AnySite | Self::WriteKey => true,
            Self::Everyone | Self::Role(_) => false,
        }
    }
}

/// A body: its media type and, for JSON, its schema.
#[derive(Clone, Copy)]
pub struct Body {
    /// The media type.
    pub media: &'static str,
    /// The schema of a JSON body.
    pub schema: Option<BodySchema>,
}

/// The schema of a type, and of all that it names.
#[derive(Clone, Copy)]
pub struct BodySchema {
    /// The schema's name.
    pub name: fn() -> std::borrow::Cow<'static, str>,
    /// The schema itself.
    pub schema: fn() -> RefOr<Schema>,
    /// The schemas it refers to.
    pub references: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Body {
    const fn json<T: ToSchema>() -> Self {
        let schema = BodySchema { name: T::name, schema: T::schema, references: T::schemas };
        Self { media: "application/json", schema: Some(schema) }
    }

    const fn media(media: &'static str) -> Self {
        Self { media, schema: None }
    }
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// What it does; the handler is chosen by it.
    pub operation: Operation,
    /// How.
    pub method: Method,
    /// Where; parameters stand in braces.
    pub path: &'static str,
    /// Another path for the same, for clients that use a short one.
    pub also: Option<&'static str>,
    /// Who may.
    pub access: Access,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its query parameters.
    pub query: Option<fn() -> Vec<Parameter>>,
    /// What it takes.
    pub body: Option<Body>,
    /// The status of its answer.
    pub status: u16,
    /// What it answers.
    pub answer: Option<Body>,
}

impl Route {
    /// A route that reads.
    pub const fn get(operation: Operation, path: &'static str, access: Access) -> Self {
        Self::new(operation, Method::Get, path, access)
    }

    /// A route that makes or does something.
    pub const fn post(operation: Operation, path: &'static str, access: Access) -> Self {
        Self::new(operation, Method::Post, path, access)
    }

    /// A route that replaces something.
    pub const fn put(operation: Operation, path: &'static str, access: Access) -> Self {
        Self::new(operation, Method::Put, path, access)
    }

    /// A route that takes something away.
    pub const fn delete(operation: Operation, path: &'static str, access: Access) -> Self {
        Self::new(operation, Method::Delete, path, access)
    }

    const fn new(operation: Operation, method: Method, path: &'static str, access: Access) -> Self {
        Self {
            operation,
            method,
            path,
            also: None,
            access,
            summary: "",
            query: None,
            body: None,
            status: 204,
            answer: None,
        }
    }

    /// What it does, in one sentence.
    #[must_use]
    pub const fn says(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// It answers under this path, too.
    #[must_use]
    pub const fn also(self, path: &'static str) -> Self {
        Self { also: Some(path), ..self }
    }

    /// It understands these query parameters.
    #[must_use]
    pub const fn queries<T: IntoParams>(self) -> Self {
        Self { query: Some(query_parameters::<T>), ..self }
    }

    /// It takes this as JSON.
    #[must_use]
    pub const fn takes<T: ToSchema>(self) -> Self {
        Self { body: Some(Body::json::<T>()), ..self }
    }

    /// It takes a body that is not JSON, or JSON of somebody else's contract.
    #[must_use]
    pub const fn takes_media(self, media: &'static str) -> Self {
        Self { body: Some(Body::media(media)), ..self }
    }

    /// It answers with this as JSON.
    #[must_use]
    pub const fn answers<T: ToSchema>(self, status: u16) -> Self {
        Self { status, answer: Some(Body::json::<T>()), ..self }
    }

    /// It answers 200 with a body that is not JSON.
    #[must_use]
    pub const fn answers_media(self, media: &'static str) -> Self {
        Self { status: 200, answer: Some(Body::media(media)), ..self }
    }

    /// It answers 204.
    #[must_use]
    pub const fn answers_nothing(self) -> Self {
        Self { status: 204, answer: None, ..self }
    }

    /// It answers 302 and says where to go.
    #[must_use]
    pub const fn redirects(self) -> Self {
        Self { status: 302, answer: None, ..self }
    }

    /// The names in braces, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
    }
}

fn query_parameters<T: IntoParams>() -> Vec<Parameter> {
    T::into_params(|| Some(ParameterIn::Query))
}

/// Declares the operations, each with its id in `openapi.json`.
macro_rules! operations {
    ($($variant:ident = $id:literal),+ $(,)?) => {
        /// Everything the server does when asked over HTTP: noun, then verb.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is documented by its route")]
        pub enum Operation { $($variant),+ }

        impl Operation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The `operationId` in `openapi.json`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }
    };
}

operations! {
    SetupFinish = "setup_finish",
    SessionCreate = "session_create",
    SessionEnd = "session_end",
    MeFetch = "me_fetch",
    HomeFetch = "home_fetch",
    CustomerList = "customer_list",
    CustomerFetch = "customer_fetch",
    CustomerTimeline = "customer_timeline",
    CustomerMessages = "customer_messages",
    CustomerErase = "customer_erase",
    CustomerConsent = "customer_consent",
    CustomerUnmerge = "customer_unmerge",
    AudienceList = "audience_list",
    AudienceCreate = "audience_create",
    AudienceFetch = "audience_fetch",
    AudienceReplace = "audience_replace",
    AudienceDelete = "audience_delete",
    AudienceMembers = "audience_members",
    AudienceMembersCsv = "audience_members_csv",
    AudienceLive = "audience_live",
    AudiencePassages = "audience_passages",
    AudienceSizes = "audience_sizes",
    ConditionCheck = "condition_check",
    AskCount = "ask_count",
    AskTrend = "ask_trend",
    AskFunnel = "ask_funnel",
    AskRetention = "ask_retention",
    AskPaths = "ask_paths",
    AskRfm = "ask_rfm",
    AskPeople = "ask_people",
    AskPeopleCsv = "ask_people_csv",
    AskAudience = "ask_audience",
    RunningList = "running_list",
    RunningStop = "running_stop",
    QuestionList = "question_list",
    QuestionCreate = "question_create",
    QuestionFetch = "question_fetch",
    QuestionReplace = "question_replace",
    QuestionDelete = "question_delete",
    QuestionPin = "question_pin",
    QuestionUnpin = "question_unpin",
    QuestionMove = "question_move",
    CampaignList = "campaign_list",
    CampaignCreate = "campaign_create",
    CampaignFetch = "campaign_fetch",
    CampaignReplace = "campaign_replace",
    CampaignPreview = "campaign_preview",
    CampaignTest = "campaign_test",
    CampaignCheck = "campaign_check",
    CampaignBroken = "campaign_broken",
    CampaignLaunch = "campaign_launch",
    CampaignPause = "campaign_pause",
    CampaignResume = "campaign_resume",
    CampaignStop = "campaign_stop",
    CampaignReport = "campaign_report",
    CampaignMessages = "campaign_messages",
    MessageWhy = "message_why",
    WhyFetch = "why_fetch",
    DictionaryList = "dictionary_list",
    DictionaryFetch = "dictionary_fetch",
    TraitList = "trait_list",
    LiveTail = "live_tail",
    RejectList = "reject_list",
    RefusalList = "refusal_list",
    KeyList = "key_list",
    KeyCreate = "key_create",
    KeyDelete = "key_delete",
    ExportEvents = "export_events",
    ExportCustomers = "export_customers",
    ExportMessages = "export_messages",
    ImportList = "import_list",
    ImportCreate = "import_create",
    ImportRows = "import_rows",
    ImportFinish = "import_finish",
    SandboxList = "sandbox_list",
    SandboxFetch = "sandbox_fetch",
    SettingsFetch = "settings_fetch",
    SettingsReplace = "settings_replace",
    SettingsRetention = "settings_retention",
    AuditList = "audit_list",
    UserList = "user_list",
    UserInvite = "user_invite",
    InviteDelete = "invite_delete",
    UserReplace = "user_replace",
    UserDelete = "user_delete",
    UserReset = "user_reset",
    PasswordReset = "password_reset",
    SegmentTrack = "segment_track",
    SegmentIdentify = "segment_identify",
    SegmentPage = "segment_page",
    SegmentScreen = "segment_screen",
    SegmentGroup = "segment_group",
    SegmentAlias = "segment_alias",
    SegmentBatch = "segment_batch",
    SegmentImport = "segment_import",
    SegmentMetrics = "segment_metrics",
    SegmentSettings = "segment_settings",
    CleverTapUpload = "clevertap_upload",
    UnsubscribePage = "unsubscribe_page",
    UnsubscribeOneClick = "unsubscribe_one_click",
    PreferencePage = "preference_page",
    PreferenceSave = "preference_save",
    OpenPixel = "open_pixel",
    LinkFollow = "link_follow",
    HealthFetch = "health_fetch",
    MetricsFetch = "metrics_fetch",
    OpenApiFetch = "openapi_fetch",
}

/// All routes by group: the group's name, what it is about, its routes.
pub const GROUPS: &[Group] = &[
    Group { name: "session", about: "Setting up and signing in.", routes: crate::session::ROUTES },
    Group { name: "home", about: "What is happening now.", routes: crate::home::ROUTES },
    Group {
        name: "customers",
        about: "People: search, profile, story, consent, erasure.",
        routes: crate::customers::ROUTES,
    },
    Group {
        name: "audiences",
        about: "Named conditions and who meets them now.",
        routes: crate::audiences::ROUTES,
    },
    Group {
        name: "ask",
        about: "Questions, their answers, and the people behind each number.",
        routes: crate::ask::ROUTES,
    },
    Group {
        name: "questions",
        about: "Saved questions, and the board of Home.",
        routes: crate::questions::ROUTES,
    },
    Group {
        name: "campaigns",
        about: "One message to an audience, from draft to report.",
        routes: crate::campaigns::ROUTES,
    },
    Group { name: "why", about: "The decision ledger.", routes: crate::why::ROUTES },
    Group {
        name: "data",
        about: "What comes in: dictionary, live tail, rejects, keys, imports.",
        routes: crate::data::ROUTES,
    },
    Group { name: "export", about: "Everything out again.", routes: crate::export::ROUTES },
    Group { name: "sandbox", about: "The mailbox of the sandbox provider.", routes: crate::sandbox::ROUTES },
    Group {
        name: "settings",
        about: "The workspace's settings and the audit log.",
        routes: crate::settings::ROUTES,
    },
    Group {
        name: "users",
        about: "Console users: who has access, and what they may do.",
        routes: crate::users::ROUTES,
    },
    Group {
        name: "ingest",
        about: "Events in, as Segment and CleverTap clients send them.",
        routes: crate::ingest::ROUTES,
    },
    Group {
        name: "hosted",
        about: "What customers see: leaving, preferences, tracked links.",
        routes: crate::hosted::ROUTES,
    },
    Group { name: "operate", about: "Health, metrics and this description.", routes: crate::operate::ROUTES },
];

/// Routes about one thing.
#[derive(Clone, Copy)]
pub struct Group {
    /// One word.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// Its routes.
    pub routes: &'static [Route],
}

/// Every route, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Route> {
    GROUPS.iter().flat_map(|group| group.routes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_exactly_one_route() {
        let routed: Vec<Operation> = all().map(|route| route.operation).collect();
        let distinct: BTreeSet<Operation> = routed.iter().copied().collect();
        assert_eq!(routed.len(), distinct.len(), "an operation is routed twice");
        assert_eq!(distinct, Operation::ALL.iter().copied().collect());
    }

    #[test]
    fn no_two_routes_answer_the_same_request() {
        let mut seen = BTreeSet::new();
        for route in all() {
            assert!(seen.insert((route.method, route.path)), "{} is declared twice", route.path);
        }
    }

    #[test]
    fn every_route_says_what_it_does() {
        for route in all() {
            assert!(route.summary.ends_with('.'), "{} lacks its sentence", route.path);
        }
    }
}
