//! What answers bring in, what their providers take, and whether prices cover that.

use crate::{
    credit::spending::NewProviderCost,
    money::{Credits, MicroMoney},
    pricing::{Action, Guard, Plan, Pricebook, Warning, rules::rate_of},
};

/// Tokens read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    /// Read.
    pub prompt: i64,
    /// Written.
    pub completion: i64,
}

/// What a provider takes for so many tokens, rounded to the nearest millionth.
#[must_use]
pub fn cost(its: &NewProviderCost, mix: Mix) -> Option<MicroMoney> {
    let part = |tokens: i64, price: i64| i128::from(tokens).checked_mul(price.into());
    let sum = part(mix.prompt, its.prompt_micro)?.checked_add(part(mix.completion, its.completion_micro)?)?;
    let micro = sum.checked_add(500_000)?.checked_div(1_000_000)?;
    Some(MicroMoney { micro: i64::try_from(micro).ok()?, currency: its.currency })
}

/// What credits are of their plan's list price: their share of the plan's own. `None` where the plan has none.
#[must_use]
pub fn worth(plan: &Plan, credits: Credits) -> Option<MicroMoney> {
    let price = plan.list_price;
    let scale = 10_i128.checked_pow(6_u32.checked_sub(price.currency.decimals())?)?;
    let all = i128::from(price.minor).checked_mul(scale)?.checked_mul(credits.micro().into())?;
    let micro = all.checked_div(plan.credits.micro().into())?;
    Some(MicroMoney { micro: i64::try_from(micro).ok()?, currency: price.currency })
}

/// Where answers of a model would bring in less than their provider takes, at the smallest price a plan has for them: of each plan and each model
/// whose cost is known, in the plan's currency, for the tokens as they were read and written lately, half and half where there were none.
#[must_use]
pub fn below_cost(before: Option<&Pricebook>, draft: &Pricebook, costs: &[(NewProviderCost, Mix)]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for plan in &draft.plans {
        for (cost, mix) in costs.iter().filter(|(cost, _)| cost.currency == plan.list_price.currency) {
            let Some((brings, takes)) = of_a_million(draft, plan, cost, *mix).filter(|(brings, takes)| brings < takes) else {
                continue;
            };
            let was = before.and_then(|book| of_a_million(book, book.plan(&plan.key)?, cost, *mix)).map(|(brings, _)| brings);
            let written =
                |micro: i64| format!("{} {}", cost.currency.code(), MicroMoney { micro, currency: cost.currency }.decimal());
            let before =
                was.map_or_else(|| "nothing was said".to_owned(), |was| format!("{} for a million tokens", written(was)));
            let after = format!("{} for a million tokens that cost {}", written(brings), written(takes));
            let path = format!("plans/{}/margin/{}", plan.key, cost.model);
            warnings.push(Warning { guard: Guard::MarginBelowCost, path, before, after });
        }
    }
    warnings
}

/// What a million tokens of a model bring in on a plan, however they are spread over answers, and what they cost.
fn of_a_million(book: &Pricebook, plan: &Plan, its: &NewProviderCost, mix: Mix) -> Option<(i64, i64)> {
    let rate = rate_of(book, Action::AnswerWritten, Some(&its.model))?;
    // Where tokens do not count nobody can say what a million of them brings in.
    let per = i128::from(rate.per_tokens.filter(|per| *per > 0)?);
    let credits = i128::from(rate.credits.micro()).checked_mul(1_000_000)?.checked_div(per)?;
    let brings = worth(plan, Credits::from_micro(i64::try_from(credits).ok()?))?.micro;
    let all = i128::from(mix.prompt).checked_add(mix.completion.into())?;
    let prompt = if all > 0 { i128::from(mix.prompt).checked_mul(1_000_000)?.checked_div(all)? } else { 500_000 };
    let prompt = i64::try_from(prompt).ok()?;
    let takes = cost(its, Mix { prompt, completion: 1_000_000_i64.checked_sub(prompt)? })?.micro;
    Some((brings, takes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Instant, pricing::rules::samples::seed};

    fn gpt(prompt: i64, completion: i64) -> NewProviderCost {
        let currency = "USD".to_owned().try_into().unwrap();
        NewProviderCost {
            model: "gpt-4o".into(),
            currency,
            prompt_micro: prompt,
            completion_micro: completion,
            effective_from: Instant::from_micros(0),
        }
    }

    #[test]
    fn tokens_cost_what_their_provider_says() {
        let mix = Mix { prompt: 1_000, completion: 10 };
        assert_eq!(cost(&gpt(2_500_000, 10_000_000), mix).unwrap().micro, 2_600);
        assert_eq!(cost(&gpt(i64::MAX, 0), Mix { prompt: i64::MAX, completion: 0 }), None);
    }

    #[test]
    fn prices_below_what_providers_take_are_told_of_by_plan_and_model() {
        let book = seed();
        // Pro: USD 249 for 75,000 credits, and 1 credit for 1,000 tokens: USD 3.32 for a million.
        let at = |prompt, completion, mix| below_cost(Some(&book), &book, &[(gpt(prompt, completion), mix)]);
        let lately = Mix { prompt: 3, completion: 1 };
        assert_eq!(at(3_320_000, 3_320_000, lately), []);
        let found = at(3_400_000, 3_400_000, lately);
        let paths: Vec<_> = found.iter().map(|warning| warning.path.as_str()).collect();
        assert_eq!(paths, ["plans/pro/margin/gpt-4o"], "Starter brings in 5.27 and Enterprise 3.60");
        assert_eq!(found[0].after, "USD 3.32 for a million tokens that cost USD 3.4");
        assert_eq!(at(0, 13_200_000, lately), [], "three of four are read");
        assert_eq!(at(0, 13_200_000, Mix::default()).len(), 3, "half and half: 6.60");
    }
}
