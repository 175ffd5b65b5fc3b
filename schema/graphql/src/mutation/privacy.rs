//! Copies of what is known of a visitor, and its erasure.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    privacy::{self, Erasure, Export, ExportPage},
};

use super::{Refusable, UserError, UserErrorCode, short, within};
use crate::{
    context::{asking, house},
    error::{self, failed, internal},
    global_id::GlobalId,
    object::{privacy::PrivacyReceipt, tenant::Place},
};

/// Who is to be erased, and why.
#[derive(InputObject)]
pub(crate) struct VisitorEraseInput {
    /// The visitor.
    visitor: ID,
    /// Why, 1 to 500 characters on one line. It stays in the receipt for good, so it should not say who the visitor is.
    reason: String,
}

/// Whether they were erased.
#[derive(Default, SimpleObject)]
pub(crate) struct VisitorErasePayload {
    /// What says that it was done, now or before; null if nothing was done.
    receipt: Option<PrivacyReceipt>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Of whom a copy is wanted, and from where on.
#[derive(InputObject)]
pub(crate) struct VisitorExportInput {
    /// The visitor.
    visitor: ID,
    /// Where the page before ended, as its `next` says; the first page if nothing is said.
    after: Option<String>,
}

/// A page of a copy.
#[derive(Default, SimpleObject)]
pub(crate) struct VisitorExportPayload {
    /// What says that a copy was taken; null with all pages but the first, and if nothing was done.
    receipt: Option<PrivacyReceipt>,
    /// What is known of the visitor, as JSON: `visitor`, and `conversations` with their `messages`, of which a page has a thousand at most. A
    /// conversation that goes on on the next page is there again. Null if nothing was done.
    document: Option<String>,
    /// Where the next page begins; null if this is the last.
    next: Option<String>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What becomes of what is known of visitors.
#[derive(Default)]
pub(crate) struct Privacy;

/// The visitor an id names, and their place.
async fn visitor(ctx: &Context<'_>, id: &ID) -> Result<Refusable<(Arc<Place>, uuid::Uuid)>> {
    within(ctx, "visitor", id, |id| if let GlobalId::Visitor(tenant, id) = id { Some((tenant, id)) } else { None }).await
}

/// A tenant's server is known as one visitor, and speaks for all who come through it.
fn of_many() -> UserError {
    let message =
        "This is your own server, which speaks for many people: what it said is not one person's to be copied or erased.";
    UserError::at("visitor", UserErrorCode::Invalid, message)
}

/// What becomes of what is known of visitors.
#[Object]
impl Privacy {
    /// Erases what is known of a visitor for good: what was said in their conversations, what stands beside it, and by what they are
    /// recognised. An answer that is being made is not given any more. What was charged stays, and that something was said. Asked again, the
    /// first receipt comes back. Needs `privacy.manage`.
    async fn visitor_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and why.")] input: VisitorEraseInput,
    ) -> Result<Option<VisitorErasePayload>> {
        let refuse = |error| Ok(Some(VisitorErasePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match visitor(ctx, &input.visitor).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        // Who may erase nobody is told that first.
        place.scope.require(Permission::PrivacyManage).map_err(failed)?;
        let reason = match short("reason", &input.reason, 500) {
            Ok(reason) => reason,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let erase = async move |mut conn, scope| privacy::erase_visitor(&mut conn, &scope, id.into(), &reason, now).await;
        let receipt = match house.write(&place.scope, erase).await? {
            Erasure::Done { receipt, ended } => {
                // Commit came first; now everyone may know.
                for turn in ended {
                    house.bus.void(turn);
                }
                house.bus.tell(place.scope.tenant(), None);
                house.bus.ring();
                receipt
            }
            Erasure::AlreadyErased(receipt) => receipt,
            Erasure::NotAVisitor => return refuse(of_many()),
            Erasure::Unknown => return refuse(UserError::not_found("visitor")),
        };
        Ok(Some(VisitorErasePayload { receipt: Some(PrivacyReceipt(receipt)), user_errors: Vec::new() }))
    }

    /// Takes a copy of what a visitor said and was told and left behind, page by page; the team's notes are not part of it. Each page is noted in the audit log. Needs `privacy.manage`.
    async fn visitor_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of whom, and from where on.")] input: VisitorExportInput,
    ) -> Result<Option<VisitorExportPayload>> {
        let refuse = |error| Ok(Some(VisitorExportPayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match visitor(ctx, &input.visitor).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::PrivacyManage).map_err(failed)?;
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let list = place.list(&format!("copy of {id}"));
        let after = match &input.after {
            None => None,
            Some(cursor) => match house.key.place(&list, cursor).and_then(|at| at.parse::<privacy::Place>().ok()) {
                Some(at) => Some(at),
                None => {
                    let message = "`after` is no cursor that was handed out for this copy; begin anew without it.";
                    return Err(error::refuse("CURSOR_INVALID", message));
                }
            },
        };
        let export = async move |mut conn, scope| privacy::export_visitor(&mut conn, &scope, id.into(), after, now).await;
        let ExportPage { document, receipt, next } = match house.write(&place.scope, export).await? {
            Export::Page(page) => *page,
            Export::NotAVisitor => return refuse(of_many()),
            Export::Unknown => return refuse(UserError::not_found("visitor")),
        };
        let document = serde_json::to_string(&document).map_err(|error| {
            tracing::error!(%error, "a copy of what is known of a visitor cannot be written");
            internal()
        })?;
        Ok(Some(VisitorExportPayload {
            receipt: receipt.map(PrivacyReceipt),
            document: Some(document),
            next: next.map(|at| house.key.cursor(&list, &at.to_string())),
            user_errors: Vec::new(),
        }))
    }
}
