//! Signing in, being signed in, and what is not let in.

use reqwest::Method;
use serde_json::json;

use crate::harness::{actors::OWNER_PASSWORD, app::Office, on_both_stores};

on_both_stores! {
    async fn the_owner_signs_in_and_is_known(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let login = visitor.log_in(json!({"email": " Owner@LOCALHOST ", "password": OWNER_PASSWORD})).await;
        assert_eq!(login.status, 200, "{}", login.body);
        assert_eq!((login.text("token_type"), login.header("cache-control"), login.header("set-cookie")), ("Bearer", "no-store", ""));
        assert!(login.text("access_token").starts_with("fo_st_") && login.text("device").starts_with("fo_dev_"));
        assert_eq!(login.text("expires_at"), "2026-12-22T12:00:00.000000Z");
        assert_eq!((&login.body["user"]["email"], &login.body["user"]["role"]), (&json!("owner@localhost"), &json!("owner")));
        let me = visitor.send(visitor.request(Method::GET, "/api/auth/me").bearer_auth(login.text("access_token"))).await;
        assert_eq!(me.status, 200, "{}", me.body);
        assert_eq!(me.body["user"], login.body["user"]);
        assert_eq!(me.body["csrf_token"], json!(null), "a bearer needs none");
        let permissions = me.body["permissions"].as_array().unwrap();
        assert!(permissions.contains(&json!("chat.read")) && !permissions.contains(&json!("chat.visit")), "{permissions:?}");
        office.finish().await;
    }
}
