resource "aws_vpc_endpoint" "secrets" {
  count             = var.s3_endpoint ? 1 : 0
  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.us-west-2.secretsmanager"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint" "queue" {
  count             = var.s3_endpoint ? 1 : 0
  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.us-west-2.sqs"
  vpc_endpoint_type = "Interface"
}
