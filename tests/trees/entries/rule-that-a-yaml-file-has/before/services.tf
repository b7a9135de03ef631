locals {
  files    = fileset("${path.module}/services", "*.yaml")
  services = { for f in local.files : trimsuffix(f, ".yaml") => yamldecode(file("${path.module}/services/${f}")) }

  egress = merge([
    for name, s in local.services : {
      for r in try(s.egress, []) : "${name}-${r.port}" => merge(r, { service = name })
    }
  ]...)
}

resource "aws_security_group" "service" {
  for_each = local.services

  name   = "bond-${each.key}"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_egress_rule" "service" {
  for_each = local.egress

  security_group_id = aws_security_group.service[each.value.service].id
  description       = lookup(each.value, "why", null)
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}

resource "aws_apprunner_vpc_connector" "service" {
  for_each = local.services

  vpc_connector_name = "${local.prefix}-${replace(each.key, "app", "connector")}"
  subnets            = values(aws_subnet.private)[*].id
  security_groups    = [aws_security_group.service[each.key].id]
}

resource "aws_apprunner_service" "service" {
  for_each = local.services

  service_name = "${local.prefix}-${each.value.name}"

  source_configuration {
    auto_deployments_enabled = false

    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.service[each.key].arn
    }
  }
}
