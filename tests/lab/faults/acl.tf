# The network ACL allows requests to S3 and denies the replies.
resource "aws_route_table" "acl" {
  vpc_id = aws_vpc.fault["acl"].id
  tags   = { Name = "acl-private" }
}

resource "aws_route_table_association" "acl_a" {
  subnet_id      = aws_subnet.private["acl-a"].id
  route_table_id = aws_route_table.acl.id
}

resource "aws_route_table_association" "acl_b" {
  subnet_id      = aws_subnet.private["acl-b"].id
  route_table_id = aws_route_table.acl.id
}

resource "aws_vpc_endpoint" "acl" {
  vpc_id            = aws_vpc.fault["acl"].id
  service_name      = "com.amazonaws.us-west-2.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.acl.id]
}

resource "aws_network_acl" "acl" {
  vpc_id     = aws_vpc.fault["acl"].id
  subnet_ids = [aws_subnet.private["acl-a"].id, aws_subnet.private["acl-b"].id]

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "10.41.0.0/16"
    from_port  = 0
    to_port    = 65535
  }
}

resource "aws_apprunner_vpc_connector" "acl" {
  vpc_connector_name = "acl-app"
  subnets            = [aws_subnet.private["acl-a"].id, aws_subnet.private["acl-b"].id]
  security_groups    = [aws_security_group.app["acl"].id]
}

resource "aws_apprunner_service" "acl" {
  service_name = "acl-app"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/aws-containers/hello-app-runner:latest"
      image_repository_type = "ECR_PUBLIC"
    }
    auto_deployments_enabled = false
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.acl.arn
    }
  }
}
