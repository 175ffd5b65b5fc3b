//! What answers may take at most.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    credit::{self, Capped, NewCap},
    identity::Permission,
};

use super::{Refusable, UserError, UserErrorCode as Code, place};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    kind::CreditCapKind,
    object::spending::CreditCap,
    scalar::Credits,
};

/// What answers may take at most.
#[derive(InputObject)]
pub(crate) struct CreditCapSetInput {
    /// The tenant.
    tenant: ID,
    /// What it is of.
    kind: CreditCapKind,
    /// The widget key or the persona; nothing where it is of each visitor.
    subject: Option<ID>,
    /// The most answers may take, 0 or more; null takes the cap away.
    credits: Option<Credits>,
}

/// Whether it is so.
#[derive(Default, SimpleObject)]
pub(crate) struct CreditCapSetPayload {
    /// The tenant's caps as they are now; null if nothing was done.
    caps: Option<Vec<CreditCap>>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What answers may take at most.
#[derive(Default)]
pub(crate) struct CreditCaps;

fn new_cap(input: &CreditCapSetInput) -> Refusable<NewCap> {
    let credits = input.credits.as_ref().map(|credits| credits.0);
    if credits.is_some_and(|credits| credits < frontoffice_domain::money::Credits::ZERO) {
        return Err(UserError::at("credits", Code::Invalid, "It must be 0 or more."));
    }
    let subject = input.subject.as_ref().map(|id| GlobalId::decode(id));
    match (input.kind, subject) {
        (CreditCapKind::VisitorDay, None) => Ok(NewCap::VisitorDay(credits)),
        (CreditCapKind::VisitorDay, Some(_)) => {
            Err(UserError::at("subject", Code::Invalid, "A cap of visitors is of each of them: it names nobody."))
        }
        (CreditCapKind::WidgetKeyDay, Some(Some(GlobalId::WidgetKey(_, key)))) => Ok(NewCap::WidgetKeyDay(key.into(), credits)),
        (CreditCapKind::PersonaMonth, Some(Some(GlobalId::Persona(_, persona)))) => {
            Ok(NewCap::PersonaMonth(persona.into(), credits))
        }
        (CreditCapKind::WidgetKeyDay, _) => Err(UserError::at("subject", Code::Invalid, "It must be the id of a widget key.")),
        (CreditCapKind::PersonaMonth, _) => Err(UserError::at("subject", Code::Invalid, "It must be the id of a persona.")),
    }
}

/// What can be done with what answers may take.
#[Object]
impl CreditCaps {
    /// Says what answers may take at most: those to one visitor, or of one widget key, on a day (UTC), or those of a persona in a month. Who has
    /// taken that much is told to come back, or gets the away text. Needs `tenant.manage`.
    async fn credit_cap_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What may be taken, of what.")] input: CreditCapSetInput,
    ) -> Result<Option<CreditCapSetPayload>> {
        let refuse = |error| Ok(Some(CreditCapSetPayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::TenantManage).map_err(failed)?;
        let new = match new_cap(&input) {
            Ok(new) => new,
            Err(error) => return refuse(error),
        };
        let now = asking(ctx)?.now;
        let set = async move |mut conn, scope| credit::cap(&mut conn, &scope, &new, now).await;
        match house(ctx)?.write(&place.scope, set).await? {
            Capped::Done(caps) => {
                let caps = caps.into_iter().map(|cap| CreditCap::new(&place, cap)).collect();
                Ok(Some(CreditCapSetPayload { caps: Some(caps), ..Default::default() }))
            }
            Capped::Unknown => refuse(UserError::not_found("subject")),
        }
    }
}
