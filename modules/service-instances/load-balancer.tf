locals {
  # A target group serves one load balancer only, so each has its own. The public one
  # has the plain name; a name that gets too long is cut and told apart by a hash.
  target_group_names = {
    for key, _ in var.load_balancers : key => (
      key == "public" && length(var.name) <= 32 ? var.name
      : key != "public" && length("${var.name}-${key}") <= 32 ? "${var.name}-${key}"
      : "${trimsuffix(substr(var.name, 0, 25), "-")}-${substr(sha256("${var.name}/${key}"), 0, 6)}"
    )
  }

  # The one whose requests are counted: the public one if there is one.
  main_load_balancer = length(var.load_balancers) == 0 ? null : contains(keys(var.load_balancers), "public") ? "public" : keys(var.load_balancers)[0]
}

resource "aws_lb_target_group" "this" {
  for_each = var.load_balancers

  name                          = local.target_group_names[each.key]
  target_type                   = "instance"
  protocol                      = "HTTP"
  protocol_version              = "HTTP1"
  port                          = var.port
  vpc_id                        = var.vpc_id
  deregistration_delay          = var.drain
  slow_start                    = var.slow_start
  load_balancing_algorithm_type = "round_robin"
  tags                          = var.tags

  health_check {
    enabled             = true
    path                = var.health
    port                = "traffic-port"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  stickiness {
    enabled         = var.sticky
    type            = "lb_cookie"
    cookie_duration = 86400
  }
}

# Not target_group_arns of the group: an attachment is undone before its target group goes,
# an argument after it, and a group with a target group that is gone cannot be changed.
resource "aws_autoscaling_attachment" "this" {
  for_each = var.load_balancers

  autoscaling_group_name = aws_autoscaling_group.this.name
  lb_target_group_arn    = aws_lb_target_group.this[each.key].arn
}

resource "aws_lb_listener_rule" "this" {
  for_each = var.load_balancers

  listener_arn = each.value.listener_arn
  priority     = each.value.priority
  tags         = merge(var.tags, { Name = local.target_group_names[each.key] })

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : length(each.value.hosts) > 0 ? [] : [["/*"]]

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  # A target group that has to be replaced cannot go while a rule leads to it.
  lifecycle {
    replace_triggered_by = [aws_lb_target_group.this[each.key].arn]
  }
}
