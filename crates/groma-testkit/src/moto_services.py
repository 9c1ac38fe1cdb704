# What moto lacks of services that it has in part, as far as the examples need it. The lines of comment below go on with
# the list of what is mended.
import time
from urllib.parse import unquote

import moto.ec2.models
import moto.kafka.urls
import moto.ram.urls
import moto.ses.models
import moto.sesv2.models
import moto.sesv2.urls
from moto.core.exceptions import JsonRESTError
from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpn_connections import VPNConnection
from moto.ec2.responses.vpn_connections import VPNConnections
from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse
from moto.es.exceptions import ResourceNotFound
from moto.kafka.exceptions import BadRequestException, NotFoundException
from moto.kafka.models import FakeKafkaCluster, KafkaBackend
from moto.kafka.responses import KafkaResponse
from moto.networkfirewall.models import NetworkFirewallBackend, NetworkFirewallModel
from moto.networkfirewall.responses import NetworkFirewallResponse
from moto.ram.exceptions import UnknownResourceException
from moto.ram.models import ResourceShare
from moto.ram.responses import ResourceAccessManagerResponse
from moto.ses.models import ConfigurationSet, EmailIdentity
from moto.sesv2.models import SESV2Backend
from moto.sesv2.responses import SESV2Response


# A rule of a security group may refer to a group of another account.
@around(EC2Backend, "_add_source_group")
def _(old, self, source_groups, vpc_id):
    groups = source_groups or []
    foreign = [g for g in groups if g.get("UserId", self.account_id) != self.account_id]
    for g in foreign:
        if not ec2_backends[g["UserId"]][self.region_name].get_security_group_from_id(g["GroupId"]):
            raise InvalidSecurityGroupNotFoundError(g["GroupId"])
        g["OwnerId"] = g["UserId"]
    return old(self, [g for g in groups if g not in foreign], vpc_id) + foreign


# A rule of a security group that refers to a group keeps its description.
SecurityGroupRule.description = property(lambda self: (self.source_group or self.ip_range).get("Description"))


# A VPN keeps its options and has static routes.
@around(VPNConnections, "create_vpn_connection")
def _(old, self):
    result = old(self)
    connection = result._result["VpnConnection"]
    options = self._get_param("Options", {})
    for tunnel in options.get("TunnelOptions", []):
        tunnel["IkeVersions"] = tunnel.pop("IKEVersions", [])
    connection.options = options
    connection.routes = []
    return result


def _vpn(self):
    return self.ec2_backend.describe_vpn_connections(vpn_connection_ids=[self._get_param("VpnConnectionId")])[0]


def _create_vpn_connection_route(self):
    route = {"DestinationCidrBlock": self._get_param("DestinationCidrBlock"), "Source": "Static", "State": "available"}
    _vpn(self).routes.append(route)
    return EmptyResult()


def _delete_vpn_connection_route(self):
    vpn, cidr = _vpn(self), self._get_param("DestinationCidrBlock")
    vpn.routes = [r for r in vpn.routes if r["DestinationCidrBlock"] != cidr]
    return EmptyResult()


@around(VPNConnection, "get_filter_value")
def _(old, self, filter_name, method_name=None):
    if filter_name == "route.destination-cidr-block":
        return [r["DestinationCidrBlock"] for r in self.routes]
    return self.id if filter_name == "vpn-connection-id" else old(self, filter_name, method_name)


VPNConnections.create_vpn_connection_route = _create_vpn_connection_route
VPNConnections.delete_vpn_connection_route = _delete_vpn_connection_route


# A replication group has as many nodes as it was asked for, and is a cluster if its parameters say so.
@around(ReplicationGroup, "__init__")
def _(old, self, *args, **named):
    if (named["cache_parameter_group_name"] or "").endswith(".cluster.on"):
        named["cluster_mode"] = "enabled"
    elif named["num_cache_clusters"]:
        named["replicas_per_node_group"] = named["num_cache_clusters"] - 1
    old(self, *args, **named)


# The nodes of a replication group are shown as cache clusters.
def _node(group, name):
    return {
        "ARN": f"{group.arn.split(':replicationgroup:')[0]}:cluster:{name}",
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "CacheClusterId": name,
        "CacheClusterStatus": "available",
        "CacheNodeType": group.cache_node_type,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        },
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "Engine": group.engine,
        "EngineVersion": f"{group.engine_version}.0",
        "IpDiscovery": group.ip_discovery,
        "NetworkType": group.network_type,
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window or "sun:05:00-sun:06:00",
        "ReplicationGroupId": group.replication_group_id,
        "SecurityGroups": [{"SecurityGroupId": s, "Status": "active"} for s in group.security_group_ids],
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
    }


@around(ElastiCacheBackend, "describe_cache_clusters")
def _(old, self, cache_cluster_id=None):
    nodes = {n: _node(g, n) for g in self.replication_groups.values() for n in g.member_clusters}
    if cache_cluster_id in nodes:
        return [nodes[cache_cluster_id]]
    return old(self, cache_cluster_id) + ([] if cache_cluster_id else list(nodes.values()))


# A replication group and a group of subnets can be deleted, and are gone then.
@around(ElastiCacheBackend, "delete_replication_group")
def _(old, self, replication_group_id, retain_primary_cluster):
    group = old(self, replication_group_id, retain_primary_cluster)
    return self.replication_groups.pop(replication_group_id)


def _delete_cache_subnet_group(self):
    name = self._get_param("CacheSubnetGroupName")
    self.elasticache_backend.describe_cache_subnet_groups(name)
    del self.elasticache_backend.cache_subnet_groups[name]
    return EmptyResult()


ElastiCacheResponse.delete_cache_subnet_group = _delete_cache_subnet_group


# A configuration set of SES shows whether it sends, and has destinations of events.
@around(ConfigurationSet, "to_dict_v2")
def _(old, self):
    return {k: v for k, v in {**old(self), "SendingOptions": self.enabled}.items() if v}


_SET = "{0}/v2/email/configuration-sets/(?P<ConfigurationSetName>[^/]+)/event-destinations"
moto.sesv2.urls.url_paths.update(
    {
        f"{_SET}$": SESV2Response.dispatch,
        f"{_SET}/(?P<EventDestinationName>[^/]+)$": SESV2Response.dispatch,
        "{0}/v2/email/identities/(?P<EmailIdentity>[^/]+)/mail-from$": SESV2Response.dispatch,
    }
)


def _set(self):
    found = self.sesv2_backend.get_configuration_set(self._get_param("ConfigurationSetName"))
    found.__dict__.setdefault("destinations", {})
    return found


def _create_event_destination(self):
    name = self._get_param("EventDestinationName")
    _set(self).destinations[name] = {"Name": name, **self._get_param("EventDestination")}
    return "{}"


def _delete_event_destination(self):
    _set(self).destinations.pop(self._get_param("EventDestinationName"), None)
    return "{}"


SESV2Response.create_configuration_set_event_destination = _create_event_destination
SESV2Response.delete_configuration_set_event_destination = _delete_event_destination
SESV2Response.get_configuration_set_event_destinations = lambda self: json.dumps(
    {"EventDestinations": list(_set(self).destinations.values())}
)


# A domain that sends mail has three tokens of DKIM and a domain for what bounces, and its ARN is AWS's.
@around(EmailIdentity, "__init__")
def _(old, self, *args, **named):
    old(self, *args, **named)
    self.mail_from = {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    self.dkim_attributes["Tokens"] = [uuid.uuid4().hex for _ in range(3)]
    self.dkim_attributes["CurrentSigningKeyLength"] = self.dkim_attributes["NextSigningKeyLength"]
    self.dkim_attributes["LastKeyGenerationTimestamp"] = time.time()


EmailIdentity.get_response_object = property(
    lambda self, old=EmailIdentity.get_response_object.fget: {**old(self), "MailFromAttributes": self.mail_from}
)


def _put_mail_from(self):
    identity = self.sesv2_backend.get_email_identity(self._get_param("EmailIdentity"))
    identity.mail_from = {
        "BehaviorOnMxFailure": self._get_param("BehaviorOnMxFailure", "USE_DEFAULT_VALUE"),
        "MailFromDomain": self._get_param("MailFromDomain"),
        "MailFromDomainStatus": "SUCCESS",
    }
    return "{}"


SESV2Response.put_email_identity_mail_from_attributes = _put_mail_from


def _arn(backend, service, resource, old=moto.ses.models.get_arn):
    return old(backend, service, resource.replace("email-identity/", "identity/"))


moto.ses.models.get_arn = moto.sesv2.models.get_arn = _arn


@around(SESV2Backend, "iter_tagged_resources")
def _(old, self):
    for resource in old(self):
        resource.arn = resource.arn.replace(":email-identity/", ":identity/")
        resource.tags = self.core_backend.tagger.get_tag_dict_for_resource(resource.arn)
        yield resource


# Network Firewall has groups of rules and policies, with the names and statuses that AWS gives them.
def _of_name_or_arn(kept, name, arn):
    for one in kept.values():
        if name == one["name"] or arn == one["arn"]:
            return one
    raise JsonRESTError("ResourceNotFoundException", f"There is no {arn or name}.")


def _firewall_part(kind, content, path):
    """The calls that create, describe and delete one kind of part."""

    def kept(self):
        return self.networkfirewall_backend.__dict__.setdefault(kind, {})

    def answer(one):
        return {
            "UpdateToken": one["token"],
            content: one["content"],
            f"{kind}Response": {
                f"{kind}Name": one["name"],
                f"{kind}Arn": one["arn"],
                f"{kind}Id": one["token"],
                f"{kind}Status": "ACTIVE",
                "EncryptionConfiguration": {"KeyId": "AWS_OWNED_KMS_KEY", "Type": "AWS_OWNED_KMS_KEY"},
                **one["said"],
            },
        }

    def create(self):
        name, backend = self._get_param(f"{kind}Name"), self.networkfirewall_backend
        said = {k: self._get_param(k) for k in ("Description", "Tags", "Type", "Capacity")}
        start = f"arn:aws:network-firewall:{backend.region_name}:{backend.account_id}"
        one = {
            "name": name,
            "arn": f"{start}:{path(said)}/{name}",
            "token": str(uuid.uuid4()),
            "content": self._get_param(content),
            "said": {k: v for k, v in said.items() if v is not None},
        }
        kept(self)[one["arn"]] = one
        return ActionResult(answer(one))

    def found(self):
        return _of_name_or_arn(kept(self), self._get_param(f"{kind}Name"), self._get_param(f"{kind}Arn"))

    def delete(self):
        return ActionResult(answer(kept(self).pop(found(self)["arn"])))

    return create, lambda self: ActionResult(answer(found(self))), delete


for _kind, _content, _path in (
    ("RuleGroup", "RuleGroup", lambda said: f"{said['Type'].lower()}-rulegroup"),
    ("FirewallPolicy", "FirewallPolicy", lambda said: "firewall-policy"),
):
    _snake = {"RuleGroup": "rule_group", "FirewallPolicy": "firewall_policy"}[_kind]
    for _verb, _call in zip(("create", "describe", "delete"), _firewall_part(_kind, _content, _path)):
        setattr(NetworkFirewallResponse, f"{_verb}_{_snake}", _call)


# A firewall is not protected unless it is asked for, has an endpoint in each of its subnets, and can be deleted.
@around(NetworkFirewallModel, "__init__")
def _(old, self, account_id, region_name, **named):
    for name in ("delete_protection", "subnet_change_protection", "firewall_policy_change_protection"):
        named[name] = named[name] or False
    old(self, account_id, region_name, **named)
    self.encryption_configuration = {"KeyId": "AWS_OWNED_KMS_KEY", "Type": "AWS_OWNED_KMS_KEY"}
    ec2 = moto.ec2.models.ec2_backends[account_id][region_name]
    states = {}
    for subnet in [ec2.get_subnet(m["SubnetId"]) for m in self.subnet_mappings]:
        service = f"com.amazonaws.vpce.{region_name}.vpce-svc-firewall"
        endpoint = ec2.create_vpc_endpoint(
            self.vpc_id, service, "GatewayLoadBalancer", None, [], [subnet.id], tags={"Firewall": self.arn}
        )
        attachment = {"SubnetId": subnet.id, "EndpointId": endpoint.id, "Status": "READY"}
        states[subnet.availability_zone] = {"Attachment": attachment}
    self.firewall_status["SyncStates"] = states


def _delete_firewall(self):
    backend = self.networkfirewall_backend
    firewall = backend._get_firewall(self._get_param("FirewallArn"), self._get_param("FirewallName"))
    endpoints = [s["Attachment"]["EndpointId"] for s in firewall.firewall_status["SyncStates"].values()]
    moto.ec2.models.ec2_backends[backend.account_id][backend.region_name].delete_vpc_endpoints(endpoints)
    del backend.firewalls[firewall.arn]
    return ActionResult({"FirewallStatus": {**firewall.firewall_status, "Status": "DELETING"}})


NetworkFirewallResponse.delete_firewall = _delete_firewall


@around(NetworkFirewallBackend, "_get_firewall")
def _(old, self, firewall_arn, firewall_name):
    try:
        return old(self, firewall_arn, firewall_name)
    except ResourceNotFound:
        raise JsonRESTError("ResourceNotFoundException", f"There is no {firewall_arn or firewall_name}.")


# MSK has configurations, which can be changed, also those of clusters.
def _configurations(self):
    return self.kafka_backend.__dict__.setdefault("configurations", {})


def _configuration(self):
    arn = unquote(self.parsed_url.path.split("/configurations/")[-1].split("/revisions/")[0])
    if arn not in _configurations(self):
        raise BadRequestException("Configuration ARN does not exist.")
    return _configurations(self)[arn]


def _create_configuration(self):
    backend, name = self.kafka_backend, self._get_param("name")
    start = f"arn:aws:kafka:{backend.region_name}:{backend.account_id}"
    made = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    one = {
        "arn": f"{start}:configuration/{name}/{uuid.uuid4()}-1",
        "creationTime": made,
        "description": self._get_param("description"),
        "kafkaVersions": self._get_param("kafkaVersions") or [],
        "latestRevision": {"creationTime": made, "description": self._get_param("description"), "revision": 1},
        "name": name,
        "serverProperties": self._get_param("serverProperties"),
        "state": "ACTIVE",
    }
    _configurations(self)[one["arn"]] = one
    return json.dumps(one)


KafkaResponse.create_configuration = _create_configuration
KafkaResponse.describe_configuration = lambda self: json.dumps(_configuration(self))
KafkaResponse.describe_configuration_revision = lambda self: json.dumps(
    {**_configuration(self), "revision": _configuration(self)["latestRevision"]["revision"]}
)
KafkaResponse.delete_configuration = lambda self: json.dumps(
    {**_configurations(self).pop(_configuration(self)["arn"]), "state": "DELETING"}
)


def _update_configuration(self):
    one = _configuration(self)
    one["serverProperties"] = self._get_param("serverProperties")
    one["latestRevision"] = {**one["latestRevision"], "revision": one["latestRevision"]["revision"] + 1}
    return json.dumps({"arn": one["arn"], "latestRevision": one["latestRevision"]})


def _update_cluster_configuration(self):
    arn = unquote(self.parsed_url.path.split("/clusters/")[-1].rsplit("/", 1)[0])
    self.kafka_backend.clusters[arn].configuration_info = self._get_param("configurationInfo")
    operation = arn.replace(":cluster/", ":cluster-operation/") + f"/{uuid.uuid4()}"
    return json.dumps({"clusterArn": arn, "clusterOperationArn": operation})


def _describe_cluster_operation(self):
    arn = unquote(self.parsed_url.path.split("/operations/")[-1])
    return json.dumps({"clusterOperationInfo": {"operationArn": arn, "operationState": "UPDATE_COMPLETE"}})


KafkaResponse.update_configuration = _update_configuration
KafkaResponse.update_cluster_configuration = _update_cluster_configuration
KafkaResponse.describe_cluster_operation = _describe_cluster_operation
KafkaResponse.describe_cluster_operation_v2 = _describe_cluster_operation
moto.kafka.urls.url_paths["{0}/v1/operations/(?P<arn>.+)$"] = KafkaResponse.dispatch
moto.kafka.urls.url_paths["{0}/api/v2/operations/(?P<arn>.+)$"] = KafkaResponse.dispatch
moto.kafka.urls.url_paths["{0}/v1/configurations$"] = KafkaResponse.dispatch
moto.kafka.urls.url_paths["{0}/v1/configurations/(?P<arn>.+)$"] = KafkaResponse.dispatch


# A cluster of MSK is active at once, has its name in its ARN, and has brokers that are reached with IAM.
@around(FakeKafkaCluster, "_generate_arn")
def _(old, self):
    return old(self).replace(f"/{self.cluster_id}", f"/{self.cluster_name}/{self.cluster_id}-1")


@around(FakeKafkaCluster, "__init__")
def _(old, self, *args, **named):
    old(self, *args, **{**named, "state": "ACTIVE"})
    self.broker_node_group_info.setdefault("brokerAZDistribution", "DEFAULT")


def _known(old, self, cluster_arn):
    if cluster_arn not in self.clusters:
        raise NotFoundException(f"There is no {cluster_arn}.")
    return {k: v for k, v in old(self, cluster_arn).items() if k not in ("activeOperationArn", "stateInfo")}


around(KafkaBackend, "describe_cluster")(_known)
around(KafkaBackend, "describe_cluster_v2")(_known)


def _get_bootstrap_brokers(self):
    cluster = self.kafka_backend.clusters[unquote(self.parsed_url.path.split("/clusters/")[-1].rsplit("/", 1)[0])]
    end = f"{cluster.cluster_name}.c1.kafka.{cluster.region_name}.amazonaws.com:9098"
    brokers = [f"b-{i + 1}.{end}" for i in range(cluster.number_of_broker_nodes)]
    return json.dumps({"bootstrapBrokerStringSaslIam": ",".join(brokers)})


KafkaResponse.get_bootstrap_brokers = _get_bootstrap_brokers
moto.kafka.urls.url_paths["{0}/v1/clusters/(?P<clusterArn>[^/]+)/bootstrap-brokers$"] = KafkaResponse.dispatch


# RAM keeps tags of shares, and lends subnets to accounts: they and their VPCs are seen there.
def _share(self):
    arn = self._get_param("resourceShareArn")
    for share in self.ram_backend.resource_shares:
        if share.arn == arn and share.status == "ACTIVE":
            return share
    raise UnknownResourceException(f"ResourceShare {arn} could not be found.")


def _lend(share, principals, arns, lent):
    ec2 = moto.ec2.models.ec2_backends
    owner = ec2[share.account_id][share.region]
    for account in principals:
        other = ec2[account][share.region]
        for subnet in [owner.get_subnet(arn.rsplit("/", 1)[-1]) for arn in arns]:
            if lent:
                other.subnets[subnet.availability_zone][subnet.id] = subnet
                other.vpcs[subnet.vpc_id] = owner.get_vpc(subnet.vpc_id)
                continue
            other.subnets[subnet.availability_zone].pop(subnet.id, None)
            if all(s.vpc_id != subnet.vpc_id for s in other.describe_subnets()):
                other.vpcs.pop(subnet.vpc_id, None)


def _associations(self, share, status):
    asked = [("PRINCIPAL", p) for p in self._get_param("principals", [])]
    asked += [("RESOURCE", r) for r in self._get_param("resourceArns", [])]
    answer = {"resourceShareArn": share.arn, "resourceShareName": share.name, "status": status}
    all_of_them = [{**answer, "associationType": t, "associatedEntity": e} for t, e in asked]
    return json.dumps({"resourceShareAssociations": all_of_them})


def _associate(self):
    share = _share(self)
    share.add_principals([p for p in self._get_param("principals", []) if p not in share.principals])
    share.add_resources([r for r in self._get_param("resourceArns", []) if r not in share.resource_arns])
    _lend(share, share.principals, share.resource_arns, True)
    return _associations(self, share, "ASSOCIATING")


def _disassociate(self):
    share, principals, arns = _share(self), self._get_param("principals", []), self._get_param("resourceArns", [])
    _lend(share, [p for p in share.principals if p in principals], share.resource_arns, False)
    _lend(share, share.principals, [r for r in share.resource_arns if r in arns], False)
    share.principals = [p for p in share.principals if p not in principals]
    share.resource_arns = [r for r in share.resource_arns if r not in arns]
    return _associations(self, share, "DISASSOCIATING")


def _permissions(self):
    name = "AWSRAMDefaultPermissionSubnet"
    one = {"arn": f"arn:aws:ram::aws:permission/{name}", "name": name, "resourceType": "ec2:Subnet", "version": "1"}
    return json.dumps({"permissions": [one] if _share(self).resource_arns else []})


@around(ResourceShare, "__init__")
def _(old, self, account_id, region, **named):
    old(self, account_id, region, **named)
    self.tags = named.get("tags", [])


@around(ResourceShare, "describe")
def _(old, self):
    return {**old(self), "tags": self.tags}


@around(ResourceAccessManagerResponse, "get_resource_shares")
def _(old, self):
    arns = self._get_param("resourceShareArns")
    shares = [s for s in json.loads(old(self))["resourceShares"] if not arns or s["resourceShareArn"] in arns]
    return json.dumps({"resourceShares": shares})


ResourceAccessManagerResponse.associate_resource_share = _associate
ResourceAccessManagerResponse.disassociate_resource_share = _disassociate
ResourceAccessManagerResponse.list_resource_share_permissions = _permissions
for _path in ("associateresourceshare", "disassociateresourceshare", "listresourcesharepermissions"):
    moto.ram.urls.url_paths[f"{{0}}/{_path}$"] = ResourceAccessManagerResponse.dispatch
