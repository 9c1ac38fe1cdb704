# What is mended in moto before it serves: small differences from AWS that would hide what tests look for. The lines of
# comment below are a list of them; what is not here is a gap that tests name.
import json
import uuid

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.autoscaling.models import AutoScalingBackend, FakeScalingPolicy
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import EC2Backend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.rds.models import DBClusterParameterGroup, DBInstance, DBParameterGroup


def around(cls, name):
    """Replaces a method by a function that gets the old one as its first argument."""
    old = getattr(cls, name)

    def put(new):
        setattr(cls, name, lambda self, *args, **named: new(old, self, *args, **named))

    return put


# A launch template's own tags are not among those of what it makes.
@around(EC2Backend, "create_launch_template")
def _(old, self, name, description, data, tags):
    made = [s for s in data.get("TagSpecifications", []) if s["ResourceType"] != "launch-template"]
    data.pop("TagSpecifications", None)
    if made:
        data["TagSpecifications"] = made
    return old(self, name, description, data, tags)


# An instance refresh is accepted, and replaces nothing.
AutoScalingResponse.start_instance_refresh = lambda self: ActionResult({"InstanceRefreshId": str(uuid.uuid4())})
AutoScalingResponse.describe_instance_refreshes = lambda self: ActionResult({"InstanceRefreshes": []})


# The warm-up time of a group is kept.
def _kept(self):
    warmup = self._get_int_param("DefaultInstanceWarmup")
    if warmup is not None:
        name = self._get_param("AutoScalingGroupName")
        self.autoscaling_backend.autoscaling_groups[name].default_instance_warmup = warmup


for _name in ("create_auto_scaling_group", "update_auto_scaling_group"):

    @around(AutoScalingResponse, _name)
    def _(old, self):
        result = old(self)
        _kept(self)
        return result


# A scaling policy is enabled, and predicts nothing unless it was told to.
@around(FakeScalingPolicy, "__init__")
def _(old, self, *args, **named):
    old(self, *args, **named)
    self.enabled = True
    self.predictive_scaling_configuration = self.predictive_scaling_configuration or None


# Application Auto Scaling keeps tags.
_tags = {}


@around(ApplicationAutoScalingResponse, "register_scalable_target")
def _(old, self):
    answer = old(self)
    tags = self._get_param("Tags")
    if tags:
        _tags[json.loads(answer)["ScalableTargetARN"]] = dict(tags)
    return answer


def _list_tags(self):
    return json.dumps({"Tags": _tags.get(self._get_param("ResourceARN"), {})})


def _tag(self):
    _tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


def _untag(self):
    for key in self._get_param("TagKeys"):
        _tags.get(self._get_param("ResourceARN"), {}).pop(key, None)
    return "{}"


ApplicationAutoScalingResponse.list_tags_for_resource = _list_tags
ApplicationAutoScalingResponse.tag_resource = _tag
ApplicationAutoScalingResponse.untag_resource = _untag


# A service of ECS keeps what it was made with.
@around(EC2ContainerServiceResponse, "create_service")
def _(old, self):
    answer = old(self)
    service = self.ecs_backend._get_service(self._get_param("cluster", "default"), self._get_param("serviceName"))
    service.availability_zone_rebalancing = self._get_param("availabilityZoneRebalancing")
    service.capacity_provider_strategy = self._get_param("capacityProviderStrategy")
    service.deployment_configuration = self._get_param("deploymentConfiguration")
    service.enable_ecs_managed_tags = self._get_param("enableECSManagedTags")
    service.enable_execute_command = self._get_param("enableExecuteCommand")
    service.health_check_grace_period_seconds = self._get_param("healthCheckGracePeriodSeconds")
    return answer


# A database keeps whether its performance is looked at.
@around(DBInstance, "__init__")
def _(old, self, *args, **named):
    old(self, *args, **named)
    self.performance_insights_enabled = named.get("enable_performance_insights")
    self.performance_insights_retention_period = named.get("performance_insights_retention_period")


# Parameters that were set are told as set by the user.
def _of_the_user(old, self, parameters):
    old(self, [{**p, "Source": "user"} for p in parameters])


around(DBParameterGroup, "update_parameters")(_of_the_user)
around(DBClusterParameterGroup, "update_cluster_parameters")(_of_the_user)
