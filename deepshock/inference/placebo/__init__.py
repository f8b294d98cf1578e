"""The same trade where the narrative had no say: at other dates, in other names, with other sides."""

from deepshock.inference.placebo.form import Form, form_of
from deepshock.inference.placebo.in_space import placebo_in_space
from deepshock.inference.placebo.in_time import placebo_in_time
from deepshock.inference.placebo.model import Placebo
from deepshock.inference.placebo.of_sign import placebo_of_sign

__all__ = ["Form", "Placebo", "form_of", "placebo_in_space", "placebo_in_time", "placebo_of_sign"]
