variable "private_network" {
  type    = bool
  default = true
}

resource "aws_vpc" "main" {
  count      = var.private_network ? 1 : 0
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "private" {
  count      = var.private_network ? 2 : 0
  vpc_id     = aws_vpc.main[0].id
  cidr_block = ["10.40.0.0/20", "10.40.16.0/20"][count.index]
}

resource "aws_subnet" "public" {
  count      = var.private_network ? 1 : 0
  vpc_id     = aws_vpc.main[0].id
  cidr_block = "10.40.96.0/24"
}

resource "aws_route_table" "private" {
  count  = var.private_network ? 1 : 0
  vpc_id = aws_vpc.main[0].id
}

resource "aws_route_table_association" "private" {
  count          = var.private_network ? 2 : 0
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_security_group" "app" {
  count  = var.private_network ? 1 : 0
  name   = "bond-app"
  vpc_id = aws_vpc.main[0].id
}

resource "aws_apprunner_vpc_connector" "app" {
  count              = var.private_network ? 1 : 0
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = aws_subnet.private[*].id
  security_groups    = [aws_security_group.app[0].id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = var.private_network ? "VPC" : "DEFAULT"
      vpc_connector_arn = var.private_network ? aws_apprunner_vpc_connector.app[0].arn : null
    }
  }
}
