//! Where panels stand.

use std::collections::HashSet;

use crate::files::Dashboard;

#[test]
fn panels_have_numbers_of_their_own_and_do_not_overlap() {
    for dashboard in Dashboard::all() {
        let mut ids = HashSet::new();
        let mut taken = HashSet::new();
        for panel in dashboard.placed() {
            let file = &dashboard.file;
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{file}: {panel}");
            let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(place("w") > 0 && place("h") > 0, "{file}: {panel}");
            assert!(place("x") + place("w") <= 24, "{file}: {panel}");
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(taken.insert((x, y)), "{file}: {x}, {y}: {}", panel["title"]);
                }
            }
        }
        let bottom = taken.iter().map(|(_, y)| y + 1).max().unwrap();
        assert_eq!(taken.len() as u64, 24 * bottom, "{}: a gap", dashboard.file);
    }
}

#[test]
fn a_table_shows_the_columns_that_its_queries_give() {
    use crate::labels::infer;
    use crate::promql::parse;

    let mut seen = 0;
    for dashboard in Dashboard::all() {
        for panel in dashboard.panels().filter(|it| it.json["type"] == "table") {
            let place = panel.place();
            let several = panel.targets().len() > 1;
            let mut given: HashSet<String> = HashSet::new();
            for target in panel.targets() {
                let parsed = parse(target["expr"].as_str().unwrap()).unwrap();
                given.extend(infer(&parsed, &mut Vec::new()).labels);
                let letter = target["refId"].as_str().unwrap();
                given.insert(if several {
                    format!("Value #{letter}")
                } else {
                    "Value".to_owned()
                });
            }
            let named = panel.overridden().filter(|(_, id, _)| *id == "displayName");
            let columns: HashSet<String> = named.map(|(field, _, _)| field.to_owned()).collect();
            assert_eq!(columns, given, "{place}");
            seen += 1;

            let titles: HashSet<&str> = panel
                .overridden()
                .filter(|(_, id, _)| *id == "displayName")
                .map(|(_, _, title)| title.as_str().unwrap())
                .collect();
            for sorted in panel.json["options"]["sortBy"].as_array().unwrap() {
                let name = sorted["displayName"].as_str().unwrap();
                assert!(titles.contains(name), "{place}: sorted by {name}");
            }
        }
    }
    assert!(seen > 5, "{seen} tables");
}
