//! A sensor as the API describes it.

use super::Text;

/// A sensor and where it hangs. Text that the API does not give is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// Never empty.
    pub serial_number: Text,
    /// `oa`, `entry`, `waffle`, …
    pub sensor_type: Text,
    /// The model.
    pub hardware_type: Text,
    /// The firmware's version.
    pub firmware_version: Text,
    /// The ids of the spaces where it hangs, in order and each once.
    pub spaces: Box<[Text]>,
    /// The ids of the floors where it hangs, in order and each once.
    pub floors: Box<[Text]>,
    /// The ids of the buildings where it hangs, in order and each once.
    pub buildings: Box<[Text]>,
}

impl Sensor {
    /// The ids of all places where it hangs.
    pub fn places(&self) -> impl Iterator<Item = &Text> {
        self.spaces
            .iter()
            .chain(&self.floors)
            .chain(&self.buildings)
    }
}

/// All sensors, by serial number, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SensorList(Vec<Sensor>);

impl SensorList {
    /// Puts the sensors in order. Of those with one serial number the first counts.
    pub fn new(mut sensors: Vec<Sensor>) -> Self {
        sensors.sort_by(|a, b| a.serial_number.cmp(&b.serial_number));
        sensors.dedup_by(|later, first| later.serial_number == first.serial_number);
        Self(sensors)
    }

    /// The sensors in order.
    pub fn as_slice(&self) -> &[Sensor] {
        &self.0
    }

    /// The number of the sensor with that serial number.
    pub fn find(&self, serial_number: &str) -> Option<usize> {
        self.0
            .binary_search_by(|it| (*it.serial_number).cmp(serial_number))
            .ok()
    }
}
