//! Who is signed in.

use async_graphql::{ID, Object};
use frontoffice_domain::identity::{Permission, SignedIn, rules};

use crate::{global_id::GlobalId, kind::StaffRole};

/// Who is signed in.
#[derive(Clone)]
pub(crate) struct Viewer(pub(crate) SignedIn);

/// Who is signed in: somebody who works for the platform.
#[Object]
impl Viewer {
    /// Their id among all objects; only they find themselves by it.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Viewer(self.0.staff.user().uuid()).encode()
    }

    /// Their e-mail address.
    async fn email(&self) -> &str {
        &self.0.user.email
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.user.name
    }

    /// What they are there for.
    async fn role(&self) -> StaffRole {
        self.0.staff.role().into()
    }

    /// What they may do, in the words that errors use: `chat.read`.
    async fn permissions(&self) -> Vec<&'static str> {
        let may = |permission: &&Permission| rules::staff_may(self.0.staff.role(), **permission);
        Permission::ALL.iter().filter(may).map(|permission| permission.as_str()).collect()
    }
}
