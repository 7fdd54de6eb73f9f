//! The labels of what a binary operator makes of its two sides.

use std::collections::BTreeSet;

use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{BinaryExpr, Expr, LabelModifier, VectorMatchCardinality};

use super::labels::{Labels, Reading, listed};

/// Whether the expression is of series rather than one number or text.
pub fn has_series(expr: &Expr) -> bool {
    matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix)
}

impl Reading<'_> {
    pub fn binary(&mut self, binary: &BinaryExpr) -> Labels {
        let left = self.of(&binary.lhs);
        let right = self.of(&binary.rhs);
        match (has_series(&binary.lhs), has_series(&binary.rhs)) {
            (true, true) => {}
            (true, false) => return left,
            (false, _) => return right,
        }
        let matched = self.matched(binary, &left, &right);
        match binary.op.id() {
            T_LAND => {
                // What is matched has the same value on both sides.
                let sure = right.only(&matched).sure;
                left.with(sure.iter())
            }
            T_LUNLESS => left,
            T_LOR => left.or(&right),
            _ => self.joined(binary, &left, &right, &matched),
        }
    }

    /// The labels by which the two sides are matched.
    fn matched(&mut self, binary: &BinaryExpr, left: &Labels, right: &Labels) -> BTreeSet<String> {
        let matching = binary.modifier.as_ref().and_then(|it| it.matching.as_ref());
        let operator = binary.op.to_string();
        if let Some(on @ LabelModifier::Include(_)) = matching {
            let on = listed(on);
            self.must_be_among(&on, left, &format!("left of {operator} is matched on"));
            self.must_be_among(&on, right, &format!("right of {operator} is matched on"));
            return on;
        }
        let ignored = matching.map(listed).unwrap_or_default();
        let (of_left, of_right) = (&left.may - &ignored, &right.may - &ignored);
        if of_left != of_right && binary.op.id() != T_LOR {
            let differing: Vec<&String> = of_left.symmetric_difference(&of_right).collect();
            self.complaints.push(format!(
                "the sides of {operator} never match: only one of them has {differing:?}"
            ));
        }
        of_left
    }

    /// What arithmetic and comparisons make of two sides.
    fn joined(
        &mut self,
        binary: &BinaryExpr,
        left: &Labels,
        right: &Labels,
        matched: &BTreeSet<String>,
    ) -> Labels {
        let (many, one, carried) = match binary.modifier.as_ref().map(|it| &it.card) {
            Some(VectorMatchCardinality::ManyToOne(carried)) => (left, right, carried),
            Some(VectorMatchCardinality::OneToMany(carried)) => (right, left, carried),
            _ => {
                // Each pair has the values of both.
                let sure = right.only(matched).sure;
                return left.only(matched).with(sure.iter());
            }
        };
        let carried: BTreeSet<String> = carried.labels.iter().cloned().collect();
        self.must_be_among(&carried, one, "the one side is asked to give");
        let given = one.only(&carried);
        Labels {
            may: &many.may | &given.may,
            sure: &(&many.sure - &carried) | &given.sure,
        }
    }
}
