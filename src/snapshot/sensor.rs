//! Sensors as the API describes them.

use std::cmp::Ordering;

use super::{Interner, Symbol};

/// A sensor as it is in an answer. Text that the API does not give is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct SensorEntry<'a> {
    /// Never empty.
    pub serial_number: &'a str,
    /// `oa`, `entry`, `waffle`, …
    pub sensor_type: &'a str,
    /// The model.
    pub hardware_type: &'a str,
    /// The firmware's version.
    pub firmware_version: &'a str,
    /// The ids of the spaces that it is installed in.
    pub spaces: &'a [&'a str],
    /// The ids of the floors that it is installed on.
    pub floors: &'a [&'a str],
    /// The ids of the buildings that it is installed in.
    pub buildings: &'a [&'a str],
}

/// A sensor of a list. Its texts are symbols of that list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensor {
    /// See [`SensorEntry::serial_number`], as for the other fields.
    pub serial_number: Symbol,
    /// What kind it is.
    pub sensor_type: Symbol,
    /// The model.
    pub hardware_type: Symbol,
    /// The firmware's version.
    pub firmware_version: Symbol,
    /// The bounds of its spaces, its floors and its buildings within the space_ids of all sensors.
    space_ids: [u32; 4],
}

/// Sensors as they are read from an answer, in its order.
#[derive(Clone, Debug, Default)]
pub struct SensorListBuilder {
    texts: Interner,
    sensors: Vec<Sensor>,
    space_ids: Vec<Symbol>,
    /// By symbol: whether it is the serial number of a sensor.
    serial_numbers: Vec<bool>,
}

impl SensorListBuilder {
    /// Adds a sensor; false when there is one with that serial number.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "The number of a text that is in memory."
    )]
    pub fn push(&mut self, entry: &SensorEntry<'_>) -> bool {
        let serial_number = self.texts.intern(entry.serial_number);
        let number = serial_number.index();
        if self.serial_numbers.len() <= number {
            self.serial_numbers.resize(number + 1, false);
        }
        match self.serial_numbers.get_mut(number) {
            Some(known @ false) => *known = true,
            _ => return false,
        }
        let lists = [entry.spaces, entry.floors, entry.buildings];
        let space_ids = add_ids(&mut self.texts, &mut self.space_ids, lists);
        self.sensors.push(Sensor {
            serial_number,
            sensor_type: self.texts.intern(entry.sensor_type),
            hardware_type: self.texts.intern(entry.hardware_type),
            firmware_version: self.texts.intern(entry.firmware_version),
            space_ids,
        });
        true
    }

    /// Adds the sensors of another answer, without those that are listed already.
    pub fn append(&mut self, other: &Self) {
        for sensor in &other.sensors {
            let text = |id: Symbol| other.texts.get(id);
            let texts = |level| -> Vec<&str> {
                let ids = ids_at_level(&other.space_ids, sensor, level);
                ids.iter().map(|it| text(*it)).collect()
            };
            let [spaces, floors, buildings] = [0, 1, 2].map(texts);
            self.push(&SensorEntry {
                serial_number: text(sensor.serial_number),
                sensor_type: text(sensor.sensor_type),
                hardware_type: text(sensor.hardware_type),
                firmware_version: text(sensor.firmware_version),
                spaces: &spaces,
                floors: &floors,
                buildings: &buildings,
            });
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sensors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sensors.is_empty()
    }

    /// Bytes of memory that it holds.
    #[expect(clippy::arithmetic_side_effects, reason = "Bytes that are in memory.")]
    pub fn heap_size(&self) -> usize {
        self.texts.heap_size()
            + self.sensors.capacity() * size_of::<Sensor>()
            + self.space_ids.capacity() * size_of::<Symbol>()
            + self.serial_numbers.capacity()
    }

    /// The list.
    pub fn build(self) -> SensorList {
        SensorList::new(self)
    }
}

/// All sensors, by serial number, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SensorList {
    /// Serial numbers first: that of sensor 3 is symbol 3.
    texts: Interner,
    sensors: Vec<Sensor>,
    space_ids: Vec<Symbol>,
}

impl SensorList {
    /// Sorts the sensors and interns their texts in that order, so that the order of the answer changes
    /// nothing.
    fn new(built: SensorListBuilder) -> Self {
        let mut order: Vec<u32> = (0..).take(built.sensors.len()).collect();
        let serial = |number: &u32| {
            let sensor = built.sensors.get(*number as usize);
            sensor.map(|it| built.texts.get(it.serial_number))
        };
        let in_order = |a: &u32, b: &u32| serial(a).cmp(&serial(b));
        if !order.is_sorted_by(|a, b| in_order(a, b) != Ordering::Greater) {
            order.sort_unstable_by(in_order);
        }
        let mut list = Self::default();
        for number in &order {
            list.texts.intern(serial(number).unwrap_or_default());
        }
        list.sensors.reserve_exact(order.len());
        for number in &order {
            let Some(sensor) = built.sensors.get(*number as usize) else {
                continue;
            };
            let text = |id: Symbol| built.texts.get(id);
            let interned = |level| -> Vec<&str> {
                let ids = ids_at_level(&built.space_ids, sensor, level);
                let mut ids: Vec<&str> = ids.iter().map(|it| text(*it)).collect();
                ids.sort_unstable();
                ids.dedup();
                ids
            };
            let lists = [interned(0), interned(1), interned(2)];
            let lists = lists.each_ref().map(Vec::as_slice);
            let space_ids = add_ids(&mut list.texts, &mut list.space_ids, lists);
            list.sensors.push(Sensor {
                serial_number: list.texts.intern(text(sensor.serial_number)),
                sensor_type: list.texts.intern(text(sensor.sensor_type)),
                hardware_type: list.texts.intern(text(sensor.hardware_type)),
                firmware_version: list.texts.intern(text(sensor.firmware_version)),
                space_ids,
            });
        }
        list.texts.shrink_to_fit();
        list.space_ids.shrink_to_fit();
        list
    }

    /// The sensors in order.
    pub fn as_slice(&self) -> &[Sensor] {
        &self.sensors
    }

    /// The index of the sensor with that serial number.
    pub fn find(&self, serial_number: &str) -> Option<usize> {
        // Serial numbers are the first texts, in the order of the sensors.
        let number = self.texts.find(serial_number)?.index();
        (number < self.sensors.len()).then_some(number)
    }

    /// A text of one of its sensors.
    pub fn text(&self, id: Symbol) -> &str {
        self.texts.get(id)
    }

    /// All texts with their symbols.
    pub(super) fn texts(&self) -> &Interner {
        &self.texts
    }

    /// The ids of the spaces that a sensor is installed in, sorted and each once.
    pub fn spaces(&self, sensor: &Sensor) -> &[Symbol] {
        ids_at_level(&self.space_ids, sensor, 0)
    }

    /// The ids of the floors that it is installed on, sorted and each once.
    pub fn floors(&self, sensor: &Sensor) -> &[Symbol] {
        ids_at_level(&self.space_ids, sensor, 1)
    }

    /// The ids of the buildings that it is installed in, sorted and each once.
    pub fn buildings(&self, sensor: &Sensor) -> &[Symbol] {
        ids_at_level(&self.space_ids, sensor, 2)
    }
}

/// Adds the ids of each level to the space_ids of all sensors and returns their bounds.
fn add_ids(texts: &mut Interner, all: &mut Vec<Symbol>, lists: [&[&str]; 3]) -> [u32; 4] {
    let mut ends = [all.len() as u32; 4];
    for (list, end) in lists.into_iter().zip(ends.iter_mut().skip(1)) {
        all.extend(list.iter().map(|id| texts.intern(id)));
        *end = all.len() as u32;
    }
    ends
}

fn ids_at_level<'p>(all: &'p [Symbol], sensor: &Sensor, level: usize) -> &'p [Symbol] {
    let bound = |it: usize| sensor.space_ids.get(it).map(|it| *it as usize);
    match (bound(level), bound(level.saturating_add(1))) {
        (Some(start), Some(end)) => all.get(start..end).unwrap_or_default(),
        _ => &[],
    }
}
