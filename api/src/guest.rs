//! The two ways visitors come: from a page of this host, known by a cookie, or from a tenant's website with the widget on it, known by the
//! token they show beside the website's key. What they may do is the same, so the routes of both families have the same handlers.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};
use frontoffice_domain::{
    chat::{self, IdempotencyKey, SessionId, View},
    id::TurnId,
    identity::{self, Caller, VisitorKey, WidgetVisitor},
    rate::Kind,
    tenancy::{self, Door, Scope},
    widget::{self as domain, Admission, Admitted},
};
use serde_json::{Map, Value};

use crate::{
    Api,
    caller::{self, Incoming, Visitor},
    http::{
        chat::{business_unknown, enter},
        events::turn_unknown,
        widget,
    },
    problem::Problem,
};

/// A way visitors come.
pub(crate) trait Family: Sized + Send + Sync + 'static {
    /// What the addresses of its routes begin with.
    const BASE: &'static str;
    /// Whether callers name the business; else their key does.
    const NAMES_BUSINESS: bool;
    /// Whether a bearer token is somebody's who is signed in; else it is a visitor's.
    const HAS_OPERATORS: bool;
    /// Whether visitors are known by a cookie.
    const GIVES_COOKIE: bool;
    /// What lets a request in.
    type Pass: Clone + Send + Sync + 'static;

    /// Whether a request may come this way at all.
    fn admit(parts: &Parts, api: &Api) -> Result<Self::Pass, Problem>;

    /// Who it is.
    fn recognise(arrival: &Arrival<Self>, api: &Api, named: &Named) -> Result<Visitor, Problem>;

    /// As whom they call.
    fn caller(key: VisitorKey) -> Caller;

    /// Where they want in.
    fn door(pass: &Self::Pass, business: Option<String>) -> Door;

    /// What is counted besides the visitor and the address.
    fn counted(pass: &Self::Pass) -> Option<(Kind, [u8; 32])>;

    /// For how long a guest who listens may stay.
    fn stay(arrival: &Arrival<Self>, api: &Api) -> Result<Stay, Problem>;

    /// As whom somebody has this turn who is not the visitor it belongs to.
    fn other_scope(
        arrival: &Arrival<Self>,
        api: &Api,
        business: Option<String>,
        turn: TurnId,
        state_change: bool,
    ) -> impl Future<Output = Result<Option<Scope>, Problem>> + Send;
}

/// Pages of this host.
pub(crate) struct Public;

/// Pages with the widget on them.
pub(crate) struct Widget;

/// Which conversation, which business, and which message of it a request names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) session: Option<SessionId>,
    pub(crate) business: Option<String>,
    pub(crate) key: Option<IdempotencyKey>,
}

/// A request that came this way.
pub(crate) struct Arrival<F: Family> {
    pub(crate) incoming: Incoming,
    pub(crate) pass: F::Pass,
}

impl<F: Family, S: Send + Sync> FromRequestParts<S> for Arrival<F>
where
    Api: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pass = F::admit(parts, &Api::from_ref(state))?;
        let incoming = Incoming::from_request_parts(parts, state).await?;
        Ok(Self { incoming, pass })
    }
}

impl<F: Family> Arrival<F> {
    /// The fields of a body that mean something this way.
    pub(crate) fn fields(&self, mut body: Map<String, Value>) -> Map<String, Value> {
        if !F::NAMES_BUSINESS {
            body.remove("business_id");
        }
        body
    }

    /// What is counted wherever the request comes from, whoever it is.
    pub(crate) fn counted(&self, api: &Api) -> Vec<(Kind, [u8; 32])> {
        let address = (Kind::Address, api.key.address_key(self.incoming.address));
        [address].into_iter().chain(F::counted(&self.pass)).collect()
    }

    /// Who it is, and what they want to have to do with.
    pub(crate) fn guest(&self, api: &Api, mut named: Named) -> Result<Guest, Problem> {
        named.business = named.business.filter(|_| F::NAMES_BUSINESS);
        let visitor = F::recognise(self, api, &named)?;
        let own = (Kind::Visitor, *visitor.key.as_bytes());
        Ok(Guest {
            caller: F::caller(visitor.key),
            door: F::door(&self.pass, named.business.clone()),
            counted: [own].into_iter().chain(self.counted(api)).collect(),
            way: Way { base: F::BASE, shows_session: visitor.new_token.is_some(), business: named.business },
            named: named.session,
            visitor,
        })
    }

    /// For how long the guest may stay and listen.
    pub(crate) fn stay(&self, api: &Api) -> Result<Stay, Problem> {
        F::stay(self, api)
    }

    /// As whom a guest has this turn: as the visitor they are, or as an operator who talks to the assistant.
    pub(crate) async fn scope_with(&self, api: &Api, guest: &Guest, turn: TurnId, state_change: bool) -> Result<Scope, Problem> {
        let mut refused = turn_unknown();
        // Whoever shows a session or an API key is no visitor.
        if !(F::HAS_OPERATORS && self.incoming.headers.contains_key(header::AUTHORIZATION)) {
            match guest.enter(api).await {
                Ok(scope) if has(api, &scope, turn).await? => return Ok(scope),
                Ok(_) => {}
                Err(problem) => refused = problem,
            }
        }
        F::other_scope(self, api, guest.way.business.clone(), turn, state_change).await?.ok_or(refused)
    }
}

/// Whether a turn is the caller's own.
async fn has(api: &Api, scope: &Scope, turn: TurnId) -> Result<bool, Problem> {
    let reader = scope.clone();
    let view = api.db.read(scope, async move |mut conn| chat::look_at_turn(&mut conn, &reader, turn).await).await?;
    Ok(!matches!(view, View::Unknown))
}

/// A visitor, and what they want to have to do with.
pub(crate) struct Guest {
    pub(crate) visitor: Visitor,
    pub(crate) caller: Caller,
    pub(crate) door: Door,
    /// The conversation the request names; the visitor's newest if it names none.
    pub(crate) named: Option<SessionId>,
    pub(crate) counted: Vec<(Kind, [u8; 32])>,
    pub(crate) way: Way,
}

impl Guest {
    /// Lets the visitor into the tenant.
    pub(crate) async fn enter(&self, api: &Api) -> Result<Scope, Problem> {
        enter(api, self.door.clone(), self.caller.clone()).await
    }
}

/// For how long somebody may listen: on a page of this host for as long as they like, on another's while its key is good there and their
/// token lasts.
pub(crate) struct Stay(Option<(Admitted, Option<WidgetVisitor>)>);

impl Stay {
    /// Whether they still may.
    pub(crate) async fn lasts(&self, api: &Api) -> Result<bool, Problem> {
        let (Some((admitted, visitor)), now) = (&self.0, api.clock.now()) else { return Ok(true) };
        if visitor.is_some_and(|visitor| visitor.until() <= now) {
            return Ok(false);
        }
        let is_known = visitor.is_some_and(|visitor| visitor.vouched_by().is_some());
        let by_now = domain::admit(&api.db, admitted.key(), Some(admitted.from().clone()), &api.config.own_pages, now).await?;
        Ok(matches!(by_now, Admission::In(by_now) if is_known || !by_now.needs_identity()))
    }
}

/// Where somebody's answers are heard.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    base: &'static str,
    /// Whether their session id must stand in addresses: they came with nothing else that tells who they are, and may do so again.
    shows_session: bool,
    business: Option<String>,
}

impl Way {
    /// Of somebody who is signed in.
    pub(crate) fn of_operator(business: Option<String>) -> Self {
        Self { base: Public::BASE, shows_session: false, business }
    }

    /// Where the answer of a turn is heard.
    pub(crate) fn events_url(&self, turn: TurnId, session_id: &str) -> String {
        let mut url = format!("{}/turns/{turn}/events", self.base);
        let mut separator = '?';
        let business = self.business.as_deref().map(|business| ("business_id", business));
        for (name, value) in business.into_iter().chain(self.shows_session.then_some(("session_id", session_id))) {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.extend(percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC));
            separator = '&';
        }
        url
    }
}

impl Family for Public {
    const BASE: &'static str = "/api/chat";
    const NAMES_BUSINESS: bool = true;
    const HAS_OPERATORS: bool = true;
    const GIVES_COOKIE: bool = true;
    type Pass = ();

    fn admit(parts: &Parts, api: &Api) -> Result<(), Problem> {
        caller::require_same_origin(&parts.headers, &api.config)
    }

    /// A cookie says who the caller is; a session id beside it cannot make it somebody else.
    fn recognise(arrival: &Arrival<Self>, api: &Api, named: &Named) -> Result<Visitor, Problem> {
        let Incoming { headers, address, .. } = &arrival.incoming;
        Ok(caller::visitor(headers, &api.key, *address, named.session.clone(), named.key.as_ref()))
    }

    fn caller(key: VisitorKey) -> Caller {
        Caller::PublicVisitor(key)
    }

    fn door((): &(), business: Option<String>) -> Door {
        Door::Public(business)
    }

    fn counted((): &()) -> Option<(Kind, [u8; 32])> {
        None
    }

    fn stay(_arrival: &Arrival<Self>, _api: &Api) -> Result<Stay, Problem> {
        Ok(Stay(None))
    }

    async fn other_scope(
        arrival: &Arrival<Self>,
        api: &Api,
        business: Option<String>,
        turn: TurnId,
        state_change: bool,
    ) -> Result<Option<Scope>, Problem> {
        let Some(who) = caller::signed_in_if_any(&arrival.incoming, api, state_change).await? else { return Ok(None) };
        let entered = tenancy::enter_named(&api.db, &who, business, api.clock.now()).await?;
        let scope = entered.ok_or_else(business_unknown)?.1.as_visitor()?;
        if has(api, &scope, turn).await? { Ok(Some(scope)) } else { Err(turn_unknown()) }
    }
}

impl Family for Widget {
    const BASE: &'static str = "/api/widget";
    const NAMES_BUSINESS: bool = false;
    const HAS_OPERATORS: bool = false;
    const GIVES_COOKIE: bool = false;
    type Pass = Admitted;

    /// What lets anybody in looked at the key and the origin before.
    fn admit(parts: &Parts, _api: &Api) -> Result<Admitted, Problem> {
        parts.extensions.get::<Admitted>().cloned().ok_or_else(widget::key_missing)
    }

    /// The token says who the caller is. Who shows none is known by address and session id, if the tenant takes strangers at all.
    fn recognise(arrival: &Arrival<Self>, api: &Api, named: &Named) -> Result<Visitor, Problem> {
        let needs_identity = arrival.pass.needs_identity();
        match widget::token(&arrival.incoming.headers)? {
            Some(token) => {
                let shown = widget::shown(api, &arrival.pass, token)?;
                if needs_identity && shown.vouched_by().is_none() {
                    return Err(widget::identification_required());
                }
                Ok(Visitor { key: shown.key(), session_id: named.session.clone(), new_token: None })
            }
            None if needs_identity => Err(widget::identification_required()),
            None => Ok(caller::unknown_visitor(&api.key, arrival.incoming.address, named.session.clone(), named.key.as_ref())),
        }
    }

    fn caller(key: VisitorKey) -> Caller {
        Caller::WidgetVisitor(key)
    }

    fn door(admitted: &Admitted, _business: Option<String>) -> Door {
        Door::Widget(admitted.clone())
    }

    fn counted(admitted: &Admitted) -> Option<(Kind, [u8; 32])> {
        // By its row: a key that is changed for another text gives nobody more.
        Some((Kind::WidgetKey, identity::hash(&[&admitted.id().to_string()])))
    }

    fn stay(arrival: &Arrival<Self>, api: &Api) -> Result<Stay, Problem> {
        let visitor = match widget::token(&arrival.incoming.headers)? {
            Some(token) => Some(widget::shown(api, &arrival.pass, token)?),
            None => None,
        };
        Ok(Stay(Some((arrival.pass.clone(), visitor))))
    }

    async fn other_scope(
        _arrival: &Arrival<Self>,
        _api: &Api,
        _business: Option<String>,
        _turn: TurnId,
        _state_change: bool,
    ) -> Result<Option<Scope>, Problem> {
        Ok(None)
    }
}
