//! `include`, `exclude` and `types`, and what they do when the inventory fails.

use crate::harness::{Harness, OAUTH, Page, pass, steady};

fn config(spaces: &str) -> String {
    OAUTH.trim_end().to_owned() + &format!("\n    spaces: {spaces}\n")
}

/// The ids of a building and of one of its floors.
async fn building_and_floor() -> (String, String) {
    let page = Harness::new(OAUTH, steady()).scrape().await;
    let spaces = page.samples("density_space_info");
    let (floor, _) = spaces
        .iter()
        .find(|(labels, _)| labels["space_type"] == "floor")
        .unwrap();
    (floor["building_id"].clone(), floor["space_id"].clone())
}

fn buildings(page: &Page, name: &str) -> Vec<String> {
    let mut ids: Vec<String> = page
        .samples(name)
        .into_iter()
        .filter_map(|(labels, _)| labels.get("building_id").cloned())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

#[tokio::test(start_paused = true)]
async fn include_keeps_a_building_with_the_names_of_what_is_above_it() {
    let (building, floor) = building_and_floor().await;
    let harness = Harness::new(&config(&format!("{{ include: [{building}] }}")), steady());
    let page = harness.scrape().await;
    for name in ["density_space_info", "density_sensor_info"] {
        assert_eq!(buildings(&page, name), [building.as_str()], "{name}");
    }
    let sensors = page.samples("density_sensor_info").len();
    assert!((1..60).contains(&sensors));
    assert_eq!(page.samples("density_sensor_health").len(), sensors * 4);

    let harness = Harness::new(&config(&format!("{{ include: [{floor}] }}")), steady());
    let page = harness.scrape().await;
    let spaces = page.samples("density_space_info");
    assert!(spaces.iter().all(|(labels, _)| labels["floor_id"] == floor));
    assert!(
        spaces
            .iter()
            .all(|(labels, _)| !labels["building"].is_empty())
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_filtered_out_does_not_come_back_when_the_inventory_fails() {
    let (building, _) = building_and_floor().await;
    let harness = Harness::new(&config(&format!("{{ exclude: [{building}] }}")), steady());
    let before = harness.scrape().await;
    let count = before.samples("density_sensor_health").len();
    assert!(count < 240);
    harness
        .simulator
        .inject("spaces=status:500".parse().unwrap());
    harness
        .simulator
        .inject("sensors=status:500".parse().unwrap());
    pass(3600).await;
    harness.scrape().await;
    let page = harness.scrape().await;
    assert_eq!(page.samples("density_space_info"), []);
    assert_eq!(page.samples("density_sensor_info"), []);
    let healths = page.samples("density_sensor_health");
    assert_eq!(healths.len(), count);
    assert!(
        healths
            .iter()
            .all(|(labels, _)| !labels.contains_key("building"))
    );
}

#[tokio::test(start_paused = true)]
async fn types_keep_levels_of_the_tree() {
    let harness = Harness::new(&config("{ types: [floor, building] }"), steady());
    let page = harness.scrape().await;
    let mut types: Vec<String> = page
        .samples("density_space_info")
        .into_iter()
        .map(|(labels, _)| labels["space_type"].clone())
        .collect();
    types.sort();
    types.dedup();
    assert_eq!(types, ["building", "floor"]);
}

#[tokio::test(start_paused = true)]
async fn a_place_with_a_bad_field_keeps_what_is_below_it() {
    let harness = Harness::new(OAUTH, steady());
    harness
        .simulator
        .inject("spaces=malformed".parse().unwrap());
    let page = harness.scrape().await;
    let nowhere = page
        .samples("density_sensor_info")
        .into_iter()
        .filter(|(labels, _)| !labels.contains_key("building"))
        .count();
    assert_eq!(nowhere, 0);
}
