import {
  for_each = toset([])
  to       = aws_vpc_endpoint.s3[each.key]
  id       = each.key
}
