"""The flows: one file each, one line here. `ouistop diagram` draws them from the code."""

from flows.chart import Chart, Step, step
from flows.subscription import Subscription, SubscriptionFacts
from flows.survey import Survey, SurveyFacts

FLOWS: dict[str, type[Chart]] = {
    "subscription": Subscription,
    "survey": Survey,
}

__all__ = ["FLOWS", "Chart", "Step", "Subscription", "SubscriptionFacts", "Survey", "SurveyFacts", "step"]
