# What is watched, one line for each alarm: the key is the end of the alarm's name. "below"
# turns the comparison around; periods are one after the other, of "period" seconds each.

locals {
  on_instances  = { for k, s in var.services : k => s if s.autoscaling_group_name != null }
  in_containers = { for k, s in var.services : k => s if s.service_name != null }
  attached      = { for k, s in var.services : k => s if s.attached }

  service_alarms = merge(
    { for k, s in local.on_instances : "service-${k}-cpu" => {
      text       = "The processors of ${k} have been busy for 15 minutes: it cannot scale out further, or not fast enough.", namespace = "AWS/EC2", metric = "CPUUtilization", statistic = "Average",
      dimensions = { AutoScalingGroupName = s.autoscaling_group_name }, threshold = 90, below = false, period = 300, periods = 3,
    } },
    { for k, s in local.on_instances : "service-${k}-status" => {
      text       = "An instance of ${k} fails its status checks.", namespace = "AWS/EC2", metric = "StatusCheckFailed", statistic = "Maximum",
      dimensions = { AutoScalingGroupName = s.autoscaling_group_name }, threshold = 1, below = false, period = 60, periods = 5,
    } },
    { for k, s in local.in_containers : "service-${k}-cpu" => {
      text       = "The processors of ${k} have been busy for 15 minutes: it cannot scale out further, or not fast enough.", namespace = "AWS/ECS", metric = "CPUUtilization", statistic = "Average",
      dimensions = { ClusterName = s.cluster_name, ServiceName = s.service_name }, threshold = 90, below = false, period = 300, periods = 3,
    } },
    { for k, s in local.in_containers : "service-${k}-memory" => {
      text       = "Tasks of ${k} are about to run out of memory.", namespace = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average",
      dimensions = { ClusterName = s.cluster_name, ServiceName = s.service_name }, threshold = 90, below = false, period = 60, periods = 5,
    } },
    { for k, s in local.attached : "service-${k}-unhealthy" => {
      text       = "The load balancer has found something of ${k} unhealthy for 5 minutes.", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Minimum",
      dimensions = { LoadBalancer = s.load_balancer_arn_suffix, TargetGroup = s.target_group_arn_suffix }, threshold = 1, below = false, period = 60, periods = 5,
    } },
  )

  # Rates: one error in three requests at night is no reason to wake up.
  error_alarms = {
    for k, s in local.attached : "service-${k}-errors" => {
      text       = "Five percent of the requests to ${k} end in an error of the server.", label = "Errors in percent", namespace = "AWS/ApplicationELB", statistic = "Sum",
      metrics    = { errors = "HTTPCode_Target_5XX_Count", requests = "RequestCount" }, expression = "IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)",
      dimensions = { LoadBalancer = s.load_balancer_arn_suffix, TargetGroup = s.target_group_arn_suffix }, threshold = 5, periods = 5,
    }
  }

  # The second needs Container Insights on the cluster; without data it is silent.
  count_alarms = merge(
    { for k, s in local.on_instances : "service-${k}-missing" => {
      text       = "Fewer instances of ${k} than wanted have been in service for 15 minutes: they do not start, or do not become healthy.", label = "Instances missing", namespace = "AWS/AutoScaling", statistic = "Minimum",
      metrics    = { wanted = "GroupDesiredCapacity", running = "GroupInServiceInstances" }, expression = "wanted - running",
      dimensions = { AutoScalingGroupName = s.autoscaling_group_name }, threshold = 1, periods = 15,
    } },
    { for k, s in local.in_containers : "service-${k}-missing" => {
      text       = "Fewer tasks of ${k} than wanted have been running for 15 minutes: they do not start, or end at once.", label = "Tasks missing", namespace = "ECS/ContainerInsights", statistic = "Minimum",
      metrics    = { wanted = "DesiredTaskCount", running = "RunningTaskCount" }, expression = "wanted - running",
      dimensions = { ClusterName = s.cluster_name, ServiceName = s.service_name }, threshold = 1, periods = 15,
    } },
  )

  clusters  = { for k, d in var.databases : k => d if d.kind == "cluster" }
  instances = { for k, d in var.databases : k => d if d.kind == "instance" }

  database_alarms = merge(
    { for k, d in local.clusters : "database-${k}-cpu" => {
      text       = "The processors of ${k} have been busy for 15 minutes.", namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average",
      dimensions = { DBClusterIdentifier = d.identifier }, threshold = 90, below = false, period = 300, periods = 3,
    } },
    { for k, d in local.clusters : "database-${k}-memory" => {
      text       = "An instance of ${k} has less than 128 MiB of memory left.", namespace = "AWS/RDS", metric = "FreeableMemory", statistic = "Minimum",
      dimensions = { DBClusterIdentifier = d.identifier }, threshold = 128 * 1024 * 1024, below = true, period = 300, periods = 3,
    } },
    { for k, d in local.clusters : "database-${k}-lag" => {
      text       = "A reader of ${k} is more than five seconds behind.", namespace = "AWS/RDS", metric = "AuroraReplicaLagMaximum", statistic = "Maximum",
      dimensions = { DBClusterIdentifier = d.identifier }, threshold = 5000, below = false, period = 60, periods = 5,
    } },
    { for k, d in local.instances : "database-${k}-cpu" => {
      text       = "The processors of ${k} have been busy for 15 minutes.", namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average",
      dimensions = { DBInstanceIdentifier = d.identifier }, threshold = 90, below = false, period = 300, periods = 3,
    } },
    { for k, d in local.instances : "database-${k}-memory" => {
      text       = "${k} has less than 128 MiB of memory left.", namespace = "AWS/RDS", metric = "FreeableMemory", statistic = "Minimum",
      dimensions = { DBInstanceIdentifier = d.identifier }, threshold = 128 * 1024 * 1024, below = true, period = 300, periods = 3,
    } },
    { for k, d in local.instances : "database-${k}-storage" => {
      text       = "${k} has less than 2 GiB of storage left: it will stop when that is full.", namespace = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum",
      dimensions = { DBInstanceIdentifier = d.identifier }, threshold = 2 * 1024 * 1024 * 1024, below = true, period = 300, periods = 1,
    } },
  )

  queue_alarms = merge(
    { for k, q in var.queues : "queue-${k}-age" => {
      text       = "Messages in ${k} wait for more than ${q.age} seconds: nobody takes them, or not enough.", namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum",
      dimensions = { QueueName = q.queue_name }, threshold = q.age, below = false, period = 60, periods = 5,
    } },
    { for k, q in var.queues : "queue-${k}-dead-letters" => {
      text       = "Messages of ${k} failed again and again and lie in ${q.dead_letter_queue_name}.", namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum",
      dimensions = { QueueName = q.dead_letter_queue_name }, threshold = 1, below = false, period = 60, periods = 1,
    } if q.dead_letter_queue_name != null },
  )

  function_alarms = merge(
    { for k, f in var.functions : "function-${k}-errors" => {
      text       = "Function ${k} has failed in each of the last three five minutes.", namespace = "AWS/Lambda", metric = "Errors", statistic = "Sum",
      dimensions = { FunctionName = f.function_name }, threshold = 1, below = false, period = 300, periods = 3,
    } },
    { for k, f in var.functions : "function-${k}-throttles" => {
      text       = "Function ${k} is held back: too many run at once.", namespace = "AWS/Lambda", metric = "Throttles", statistic = "Sum",
      dimensions = { FunctionName = f.function_name }, threshold = 1, below = false, period = 300, periods = 3,
    } },
  )

  nodes = merge([for k, c in var.caches : { for id in c.node_ids : "cache-${k}-${id}" => { name = k, id = id } }]...)

  cache_alarms = merge(
    { for k, n in local.nodes : "${k}-cpu" => {
      text       = "Node ${n.id} of ${n.name} has been busy for 15 minutes.", namespace = "AWS/ElastiCache", metric = "EngineCPUUtilization", statistic = "Average",
      dimensions = { CacheClusterId = n.id }, threshold = 90, below = false, period = 300, periods = 3,
    } },
    { for k, n in local.nodes : "${k}-memory" => {
      text       = "Node ${n.id} of ${n.name} is full to 90 percent: it will throw entries out, or refuse new ones.", namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Average",
      dimensions = { CacheClusterId = n.id }, threshold = 90, below = false, period = 300, periods = 3,
    } },
  )

  brokers = merge([for k, s in var.streams : { for i in range(1, s.brokers + 1) : "stream-${k}-${i}" => { name = k, cluster = s.cluster_name, id = tostring(i) } }]...)

  stream_alarms = merge(
    { for k, s in var.streams : "stream-${k}-offline" => {
      text       = "Partitions of ${k} have no leader: they cannot be read or written.", namespace = "AWS/Kafka", metric = "OfflinePartitionsCount", statistic = "Maximum",
      dimensions = { "Cluster Name" = s.cluster_name }, threshold = 1, below = false, period = 60, periods = 5,
    } },
    { for k, b in local.brokers : "${k}-disk" => {
      text       = "The disk of broker ${b.id} of ${b.name} is full to 85 percent.", namespace = "AWS/Kafka", metric = "KafkaDataLogsDiskUsed", statistic = "Maximum",
      dimensions = { "Cluster Name" = b.cluster, "Broker ID" = b.id }, threshold = 85, below = false, period = 300, periods = 1,
    } },
  )
}
