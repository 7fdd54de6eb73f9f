//! Which alert silences which.

use saphyr::YamlOwned;

use crate::alertmanager::{Alert, alerts, can_match, config, matchers};
use crate::yaml;

/// The pairs of alerts of which an inhibition rule can silence the second for the first, with the
/// labels that it compares.
fn silenced(rule: &YamlOwned) -> Vec<(Alert, Alert, Vec<String>)> {
    let source = matchers(rule, "source_matchers");
    let target = matchers(rule, "target_matchers");
    let equal = yaml::list(rule, "equal")
        .iter()
        .map(|it| it.as_str().unwrap().to_owned());
    let equal: Vec<String> = equal.collect();
    let mut pairs = Vec::new();
    for one in alerts().into_iter().filter(|it| can_match(&source, it)) {
        for other in alerts().into_iter().filter(|it| can_match(&target, it)) {
            let differ = |label: &String| {
                let values = (one.given.get(label), other.given.get(label));
                matches!(values, (Some(one), Some(other)) if one != other)
            };
            if !equal.iter().any(differ) {
                pairs.push((one.clone(), other, equal.clone()));
            }
        }
    }
    pairs
}

fn inhibitions() -> Vec<(Alert, Alert, Vec<String>)> {
    let config = config();
    let rules = yaml::list(&config, "inhibit_rules").iter();
    rules.flat_map(silenced).collect()
}

/// Labels that both alerts lack count as equal, so an id that may be missing silences strangers.
#[test]
fn what_an_inhibition_compares_is_there() {
    for (source, target, equal) in inhibitions() {
        let pair = format!("{} silences {}", source.rule.title(), target.rule.title());
        let sure = |label: &&String| source.labels.sure.contains(*label);
        let compared = equal.iter().filter(sure).filter(|it| *it != "alertname");
        assert!(
            compared.count() > 0,
            "{pair}: nothing that it compares is there"
        );
        for label in equal.iter().filter(|it| !sure(it)) {
            let may = source.labels.may.contains(label) || target.labels.may.contains(label);
            assert!(!may, "{pair}: {label} may be missing");
        }
    }
}

/// A label that no source has compares nothing.
#[test]
fn every_label_that_is_compared_is_of_some_source() {
    let config = config();
    for rule in yaml::list(&config, "inhibit_rules") {
        let pairs = silenced(rule);
        assert!(!pairs.is_empty(), "it silences nothing: {rule:?}");
        for label in yaml::list(rule, "equal") {
            let label = label.as_str().unwrap();
            let any = pairs.iter().any(|it| it.0.labels.sure.contains(label));
            assert!(any, "no source has {label}: {rule:?}");
        }
    }
}

/// A sensor or place that heals while its alert is silenced is never reported as resolved, so what is
/// wrong with the data or the exporter silences none of them.
#[test]
fn problems_of_the_data_silence_no_sensors() {
    let of_data = |alert: &Alert| ["exporter", "data"].contains(&alert.given["scope"].as_str());
    for (source, target, _) in inhibitions() {
        let pair = format!("{} silences {}", source.rule.title(), target.rule.title());
        // The sensors that an inventory lost are missing only as long as it is.
        let inventory = source.rule.name == "DensityInventoryShrank"
            && target.rule.name == "DensitySensorMissing";
        assert!(!of_data(&source) || of_data(&target) || inventory, "{pair}");
    }
}

/// An alert never silences itself, nor one that silences it.
#[test]
fn no_two_alerts_silence_each_other() {
    let pairs = inhibitions();
    let silences = |source: &Alert, target: &Alert| {
        pairs
            .iter()
            .any(|it| it.0.given == source.given && it.1.given == target.given)
    };
    for (source, target, _) in &pairs {
        assert!(
            !silences(target, source),
            "{} and {}",
            source.rule.title(),
            target.rule.title()
        );
    }
}
