//! Who may ask, how often, and what is refused.

use super::*;

async fn status(simulator: &Arc<Simulator>, token: Option<&str>) -> u16 {
    send(simulator, "POST", HEALTH, token, "").await.0
}

#[tokio::test(start_paused = true)]
async fn only_right_tokens_pass() {
    let simulator = simulator(Options::default());
    assert_eq!(status(&simulator, Some(DEFAULT_TOKEN)).await, 200);
    assert_eq!(status(&simulator, Some("tok_wrong")).await, 401);
    assert_eq!(status(&simulator, None).await, 403);
    for header in ["Basic abc", "Bearer", "Bearer ", "tok_simulated"] {
        let mut asked = request("POST", HEALTH, None, "");
        asked
            .headers_mut()
            .insert("authorization", header.parse().unwrap());
        assert_eq!(simulator.handle(asked).await.status(), 403, "{header:?}");
    }
    let (_, error) = send(&simulator, "POST", HEALTH, Some("tok_wrong"), "").await;
    let error: Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["code"], 401);
    assert!(error["message"].is_string());
}

#[tokio::test(start_paused = true)]
async fn oauth_tokens_live_as_long_as_they_should() {
    let lifetime = Duration::from_secs(600);
    let simulator = simulator(Options {
        access: Access {
            token_lifetime: lifetime,
            ..Access::default()
        },
        ..Options::default()
    });
    let first = oauth_token(&simulator).await;
    assert!(first.starts_with("eyJ"));
    assert_eq!(status(&simulator, Some(&first)).await, 200);
    tokio::time::advance(lifetime - Duration::from_secs(1)).await;
    assert_eq!(status(&simulator, Some(&first)).await, 200);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(status(&simulator, Some(&first)).await, 401);
    let second = oauth_token(&simulator).await;
    assert_ne!(first, second);
    assert_eq!(status(&simulator, Some(&second)).await, 200);
    simulator.expire_tokens();
    assert_eq!(status(&simulator, Some(&second)).await, 401);
    assert_eq!(simulator.calls().of(EndpointName::Token), 2);
}

#[tokio::test(start_paused = true)]
async fn the_token_endpoint_takes_the_right_client_only() {
    for (expires_in, written) in [
        (ExpiresIn::Text, r#""86400""#),
        (ExpiresIn::Number, "86400"),
    ] {
        let simulator = simulator(Options {
            access: Access {
                expires_in,
                ..Access::default()
            },
            ..Options::default()
        });
        for (id, secret, grant, expected) in [
            (
                DEFAULT_CLIENT_ID,
                DEFAULT_CLIENT_SECRET,
                "client_credentials",
                200,
            ),
            (DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, "password", 400),
            (DEFAULT_CLIENT_ID, "wrong", "client_credentials", 401),
            ("wrong", DEFAULT_CLIENT_SECRET, "client_credentials", 401),
        ] {
            let body = format!(
                r#"{{"client_id":"{id}","client_secret":"{secret}","grant_type":"{grant}"}}"#
            );
            let (status, text) = send(&simulator, "POST", "/v3/oauth/token", None, &body).await;
            assert_eq!(status, expected);
            assert_eq!(
                status == 200,
                text.contains(&format!("\"expires_in\":{written}"))
            );
        }
        assert_eq!(
            send(&simulator, "POST", "/v3/oauth/token", None, "{")
                .await
                .0,
            400
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_404_and_wrong_methods_are_405() {
    let simulator = simulator(Options::default());
    let token = Some(DEFAULT_TOKEN);
    assert_eq!(send(&simulator, "GET", "/v3/roof", token, "").await.0, 404);
    assert_eq!(send(&simulator, "GET", "/", token, "").await.0, 404);
    let wrong = simulator.handle(request("POST", SPACES, token, "")).await;
    assert_eq!(wrong.status(), 405);
    assert_eq!(wrong.headers()["allow"], "GET");
    let head = simulator.handle(request("HEAD", SPACES, token, "")).await;
    assert_eq!(head.status(), 405);
    simulator.inject("*=status:503,times=1".parse().unwrap());
    let faulty = simulator.handle(request("POST", SPACES, token, "")).await;
    assert_eq!(faulty.status(), 503);
    assert!(!faulty.headers().contains_key("allow"));
    let stream = "/v3/analytics/ws/floor/spc_1/presence";
    assert_eq!(send(&simulator, "POST", stream, token, "").await.0, 501);
    assert_eq!(
        ask(&simulator, "/v3/hello-world", "").await["message"],
        "hello world"
    );
}

#[tokio::test(start_paused = true)]
async fn users_are_for_machines_and_hold_the_canary() {
    let canary = "Zoë \"Canary\" Quill";
    let simulator = simulator(Options {
        canary: Some(canary.to_owned()),
        ..Options::default()
    });
    let path = "/v3/users";
    assert_eq!(
        send(&simulator, "GET", path, Some(DEFAULT_TOKEN), "")
            .await
            .0,
        403
    );
    let token = oauth_token(&simulator).await;
    let token = Some(token.as_str());
    let (_, text) = send(&simulator, "GET", path, token, "").await;
    let users: Value = serde_json::from_str(&text).unwrap();
    assert!(
        users
            .as_array()
            .unwrap()
            .iter()
            .any(|user| user["full_name"] == canary)
    );
    let new = r#"{"email":"new@example.com","full_name":"New","role":"admin","spaces":[]}"#;
    let (status, text) = send(&simulator, "POST", path, token, new).await;
    assert_eq!(status, 200);
    let user: Value = serde_json::from_str(&text).unwrap();
    let one = format!("{path}/{}", user["id"].as_str().unwrap());
    let (_, text) = send(&simulator, "PATCH", &one, token, r#"{"full_name":"Newer"}"#).await;
    assert!(text.contains("Newer"));
    assert_eq!(send(&simulator, "GET", &one, token, "").await.1, text);
    assert_eq!(send(&simulator, "DELETE", &one, token, "").await.0, 200);
    assert_eq!(send(&simulator, "GET", &one, token, "").await.0, 404);
    assert_eq!(
        send(&simulator, "POST", path, token, r#"{"role":"king"}"#)
            .await
            .0,
        400
    );
    // It is also where nobody would look for it.
    let token = Some(DEFAULT_TOKEN);
    for (method, path) in [
        ("GET", SPACES),
        ("POST", SENSORS),
        ("POST", COUNTS),
        ("POST", PRESENCE),
        ("GET", "/v3/x"),
    ] {
        let (_, text) = send(&simulator, method, path, token, "").await;
        assert!(text.contains("Canary"), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_at_once_pass_and_then_fifteen_a_second() {
    let simulator = simulator(Options::default());
    let token = Some(DEFAULT_TOKEN);
    for _ in 0..100 {
        assert_eq!(
            send(&simulator, "GET", "/v3/hello-world", token, "")
                .await
                .0,
            200
        );
    }
    let refused = simulator
        .handle(request("GET", "/v3/hello-world", token, ""))
        .await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let mut passed = 0;
        while send(&simulator, "GET", "/v3/hello-world", token, "")
            .await
            .0
            == 200
        {
            passed += 1;
        }
        assert_eq!(passed, 15);
    }
    assert_eq!(simulator.calls().with_status(429), 4);
    assert_eq!(simulator.calls().over_limit, 4);
    assert_eq!(simulator.calls().of(EndpointName::HelloWorld), 149);
    simulator.reset_calls();
    assert_eq!(simulator.calls().total(), 0);
}
