//! Every route there is, with what it needs of its caller. The router is made of this table, and so is the page that lists who may do what.

use axum::{Router, handler::Handler, http::Method, routing::MethodFilter, routing::on};
use frontoffice_domain::identity::Permission;

use crate::{
    Api,
    guest::{Public, Widget},
    http, pages,
};

/// What a route needs of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A widget key, shown by a page of an origin it is good on.
    WidgetKey,
    /// That it comes from a page of an origin that any widget key of the tenant is good on.
    Website,
    /// A session.
    Session,
    /// A session or an API key.
    SignedIn,
    /// A session or an API key that has this permission.
    Permission(Permission),
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`.
    pub method: Method,
    /// With names in braces for what differs.
    pub path: &'static str,
    /// Of its caller.
    pub needs: Needs,
    /// Whether portals on other hosts may call it with a bearer token.
    pub portals: bool,
}

/// The routes and the table, while they are put together.
#[derive(Default)]
pub(crate) struct Doors {
    /// For this host's own pages and for programs.
    pub(crate) own: Router<Api>,
    /// For portals on other hosts besides.
    pub(crate) portals: Router<Api>,
    /// For pages of tenants' websites, which show a key.
    pub(crate) widget: Router<Api>,
    /// For the same, which name their tenant and have no key yet.
    pub(crate) website: Router<Api>,
    pub(crate) routes: Vec<Route>,
}

impl Doors {
    fn own<H, T>(mut self, method: Method, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        self.own = self.own.route(path, on(filter(&method), handler));
        self.routes.push(Route { method, path, needs, portals: false });
        self
    }

    fn portals<H, T>(mut self, method: Method, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        self.portals = self.portals.route(path, on(filter(&method), handler));
        self.routes.push(Route { method, path, needs, portals: true });
        self
    }

    fn widget<H, T>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        self.widget = self.widget.route(path, on(filter(&method), handler));
        self.routes.push(Route { method, path, needs: Needs::WidgetKey, portals: false });
        self
    }

    fn website<H, T>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        self.website = self.website.route(path, on(filter(&method), handler));
        self.routes.push(Route { method, path, needs: Needs::Website, portals: false });
        self
    }
}

fn filter(method: &Method) -> MethodFilter {
    // Only these two stand in the table.
    if *method == Method::POST { MethodFilter::POST } else { MethodFilter::GET }
}

/// Every route.
pub(crate) fn doors() -> Doors {
    use Needs::{Nothing, Session, SignedIn};
    let (get, post) = (|| Method::GET, || Method::POST);
    Doors::default()
        .portals(post(), "/api/auth/login", Nothing, http::auth::staff)
        .portals(post(), "/api/customers/auth/login", Nothing, http::auth::member)
        .portals(post(), "/api/customer/auth/login", Nothing, http::auth::member)
        .portals(post(), "/api/auth/logout", Session, http::auth::log_out)
        .portals(get(), "/api/auth/me", SignedIn, http::auth::me)
        .portals(post(), "/api/auth/password", Session, http::password::change)
        .portals(post(), "/api/auth/password/reset", Nothing, http::password::forgot)
        .portals(post(), "/api/auth/password/reset/confirm", Nothing, http::password::reset)
        .portals(get(), "/api/chat/history/{session_id}", Needs::Permission(Permission::ChatRead), http::history::of_session)
        .portals(post(), "/api/chat/session", Needs::Permission(Permission::ChatManage), http::operators::open)
        .portals(post(), "/api/chat/message", Needs::Permission(Permission::ChatManage), http::operators::message)
        .own(get(), "/api/audit/export", Needs::Permission(Permission::AuditRead), http::audit::export)
        .own(post(), "/api/knowledge/import", Needs::Permission(Permission::KnowledgeManage), http::knowledge::import)
        .own(get(), "/api/customers/statements/{business_id}", Needs::Permission(Permission::BillingRead), http::statement::show)
        .own(get(), "/api/customers/usage/{business_id}", Needs::Permission(Permission::UsageRead), http::usage::show)
        .own(get(), "/api/pricebook/{which}/export", Needs::Permission(Permission::PricebookRead), http::pricebook::files::export)
        .own(get(), "/api/pricebook/{which}/impact", Needs::Permission(Permission::PricebookRead), http::pricebook::impact::show)
        .own(post(), "/api/pricebook/draft/import", Needs::Permission(Permission::PricebookDraft), http::pricebook::files::import)
        .own(post(), "/api/chat", Nothing, http::chat::send::<Public>)
        .own(get(), "/api/chat/turns/{turn_id}/events", Nothing, http::events::of_turn::<Public>)
        .own(post(), "/api/chat/turns/{turn_id}/stop", Nothing, http::visitor::stop::<Public>)
        .own(get(), "/api/chat/conversation/events", Nothing, http::conversation::events::<Public>)
        .own(get(), "/api/chat/conversation/history", Nothing, http::visitor::history::<Public>)
        .own(post(), "/api/chat/conversation/handoff", Nothing, http::visitor::hand_off::<Public>)
        .own(post(), "/api/chat/conversation/rating", Nothing, http::visitor::rate::<Public>)
        .own(post(), "/api/chat/conversation/contact", Nothing, http::visitor::contact::<Public>)
        .portals(get(), "/api/customer-portal/widget-code", Needs::Permission(Permission::WidgetManage), http::widget::code::show)
        .own(get(), "/widget/{tenant_uuid}/widget.js", Nothing, http::widget::script::of_tenant)
        .own(get(), "/widget/{tenant_uuid}/{versioned}", Nothing, http::widget::script::versioned)
        .own(get(), "/widget/loader.js", Nothing, http::widget::script::loader)
        .website(post(), "/widget/{tenant_uuid}/session", http::widget::session::open)
        .widget(post(), "/api/widget/session", http::widget::session::open)
        .widget(post(), "/api/widget/chat", http::chat::send::<Widget>)
        .widget(get(), "/api/widget/turns/{turn_id}/events", http::events::of_turn::<Widget>)
        .widget(post(), "/api/widget/turns/{turn_id}/stop", http::visitor::stop::<Widget>)
        .widget(get(), "/api/widget/conversation/events", http::conversation::events::<Widget>)
        .widget(get(), "/api/widget/conversation/history", http::visitor::history::<Widget>)
        .widget(post(), "/api/widget/conversation/handoff", http::visitor::hand_off::<Widget>)
        .widget(post(), "/api/widget/conversation/rating", http::visitor::rate::<Widget>)
        .widget(post(), "/api/widget/conversation/contact", http::visitor::contact::<Widget>)
        .widget(post(), "/api/widget/conversation/identify", http::widget::session::identify)
        .own(get(), "/api/pricebook", Nothing, http::pricebook::current)
        .own(get(), "/api/pricebook/versions/{number}", Nothing, http::pricebook::version)
        .own(get(), "/.well-known/pricebook.json", Nothing, http::pricebook::log)
        .own(get(), "/account/{page}", Nothing, pages::account::show)
        .own(get(), "/demo", Nothing, pages::demo::show)
        .own(get(), "/demo/demo.css", Nothing, pages::demo::style)
        .own(get(), "/demo/demo.js", Nothing, pages::demo::script)
        .own(get(), "/demo/shop", Nothing, pages::websites::shop)
        .own(get(), "/demo/strict", Nothing, pages::websites::strict)
        .own(get(), "/demo/spa", Nothing, pages::websites::app)
        .own(get(), "/demo/shop.css", Nothing, pages::websites::style)
        .own(get(), "/demo/spa.js", Nothing, pages::websites::script)
        .own(get(), "/demo/turns/{turn_id}", Nothing, pages::demo::behind)
        .own(get(), "/graphiql", Nothing, http::graphiql::page)
        .own(get(), "/graphiql/{file}", Nothing, http::graphiql::file)
}

/// Those every process has, also one that only works.
pub(crate) fn health() -> Doors {
    Doors::default()
        .own(Method::GET, "/api/health", Needs::Nothing, http::health::health)
        .own(Method::GET, "/livez", Needs::Nothing, http::health::live)
        .own(Method::GET, "/readyz", Needs::Nothing, http::health::ready)
}

/// The table of all routes. `/graphql` needs what each of its fields needs.
#[must_use]
pub fn routes() -> Vec<Route> {
    let graphql =
        [Method::GET, Method::POST].map(|method| Route { method, path: "/graphql", needs: Needs::Nothing, portals: true });
    let socket = Route { method: Method::GET, path: "/graphql/ws", needs: Needs::Nothing, portals: true };
    doors().routes.into_iter().chain(graphql).chain([socket]).chain(health().routes).collect()
}
