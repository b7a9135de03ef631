resource "aws_vpc_endpoint" "s3" {
  for_each = var.on ? toset(["s3"]) : toset([])

  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.us-west-2.${each.value}"
}
