variable "networks" {
  type = map(object({
    cidr = string
    run  = map(number)
  }))
  default = {
    core = {
      cidr = "10.40.0.0/16"
      run  = { a = 0, b = 1 }
    }
    sandbox = {
      cidr = "10.60.0.0/16"
      run  = { a = 0, b = 1 }
    }
  }
}

locals {
  run_subnets = merge([
    for net, n in var.networks : {
      for zone, number in n.run : "${net}-${zone}" => {
        net  = net
        cidr = cidrsubnet(n.cidr, 4, number)
      }
    }
  ]...)
}

resource "aws_vpc" "this" {
  for_each = var.networks

  cidr_block           = each.value.cidr
  enable_dns_hostnames = true
}

resource "aws_subnet" "dmz" {
  for_each = var.networks

  vpc_id     = aws_vpc.this[each.key].id
  cidr_block = cidrsubnet(each.value.cidr, 8, 96)
}

resource "aws_subnet" "run" {
  for_each = local.run_subnets

  vpc_id     = aws_vpc.this[each.value.net].id
  cidr_block = each.value.cidr
}

resource "aws_route_table" "run" {
  for_each = var.networks

  vpc_id = aws_vpc.this[each.key].id
}

resource "aws_route_table_association" "run" {
  for_each = local.run_subnets

  subnet_id      = aws_subnet.run[each.key].id
  route_table_id = aws_route_table.run[each.value.net].id
}

resource "aws_security_group" "run" {
  for_each = var.networks

  name   = each.key == "core" ? "bond-app" : "${each.key}-app"
  vpc_id = aws_vpc.this[each.key].id
}

resource "aws_apprunner_vpc_connector" "this" {
  for_each = var.networks

  vpc_connector_name = each.key == "core" ? "bond-ai-dev-connector" : "${each.key}-connector"
  subnets            = [for key, subnet in local.run_subnets : aws_subnet.run[key].id if subnet.net == each.key]
  security_groups    = [aws_security_group.run[each.key].id]
}

resource "aws_apprunner_service" "app" {
  for_each = var.networks

  service_name = each.key == "core" ? "bond-ai-dev-backend" : "${each.key}-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.this[each.key].arn
    }
  }
}
