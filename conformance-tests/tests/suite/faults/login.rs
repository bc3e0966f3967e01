//! A login that does not go well makes no session (F35).

use samenhang_testbed::ServiceId;
use samenhang_testbed::dezi::DeziMode;

use crate::country::Country;

/// Goes through the login as a browser would, and gives what the way back answered.
async fn log_in(country: &Country) -> reqwest::Response {
    let client = country.client();
    let departure = client
        .get(country.url("/auth/login"))
        .send()
        .await
        .expect("an answer");
    let cookie = departure.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    let dezi = departure.headers()["location"].to_str().expect("text").to_owned();
    let answer = client.get(dezi).send().await.expect("an answer");
    let back = answer.headers()["location"].to_str().expect("text").to_owned();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    client
        .get(back)
        .header("cookie", cookie)
        .send()
        .await
        .expect("an answer")
}

fn has_session(response: &reqwest::Response) -> bool {
    response.headers().get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap_or_default();
        let value = cookie
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='))
            .map(|(_, value)| value);
        cookie.contains("session") && value.is_some_and(|value| !value.is_empty())
    })
}

#[tokio::test]
async fn fault_dezi() {
    let country = Country::start().await;
    let good = log_in(&country).await;
    assert_eq!(good.status(), 303);
    assert!(has_session(&good), "{:?}", good.headers());
    let dezi = &country.demo.testbed().services().dezi;
    for mode in [
        DeziMode::WrongJku,
        DeziMode::WrongSignature,
        DeziMode::Revoked,
        DeziMode::Expired,
        DeziMode::Denied,
    ] {
        dezi.set_mode(mode);
        let answer = log_in(&country).await;
        assert_eq!(answer.status(), 403, "{mode:?}");
        assert!(!has_session(&answer), "{mode:?}");
    }
    dezi.set_mode(DeziMode::Normal);
    for fault in [
        "status:500@/token",
        "malformed@/token",
        "status:500@/userinfo",
        "truncate@/userinfo",
        "expired-token",
        "clock-skew:7200",
    ] {
        country.fault(ServiceId::Dezi, fault);
        let answer = log_in(&country).await;
        assert!(
            answer.status().is_client_error() || answer.status().is_server_error(),
            "{fault}: {}",
            answer.status()
        );
        assert!(!has_session(&answer), "{fault}");
        country.demo.testbed().faults().clear_all();
    }
    assert!(has_session(&log_in(&country).await), "and it goes well again");
    country.stop().await;
}
