/** The sentences of the table editor in Chinese; the source of each is its English in dmn-js. */
export const TABLE_WORDS: Record<string, string> = {
  // Types and hit policies
  string: '文字', boolean: '真假', number: '数字', date: '日期', time: '时间', dateTime: '日期时间',
  dayTimeDuration: '时长（日时）', yearMonthDuration: '时长（年月）', Any: '任意',
  Unique: '唯一', First: '首行', Priority: '优先', Collect: '汇集',
  'Collect (Sum)': '汇集（求和）', 'Collect (Min)': '汇集（最小）', 'Collect (Max)': '汇集（最大）', 'Collect (Count)': '汇集（个数）',
  'Rule order': '按行次序', 'Output order': '按结果次序',
  'No overlap is possible and all rules are disjoint. Only a single rule can be matched': '各行互不重叠，任何输入只有一行相符',
  'Rules may overlap. The first matching rule will be chosen': '各行可以重叠，取第一个相符的行',
  'Rules may overlap. The one with the highest priority will be chosen': '各行可以重叠，取结果优先级最高的行',
  'Rules may overlap. Their output have to match': '各行可以重叠，但相符的行结果须一致',
  'Collects the values of all matching rules': '列出所有相符行的结果',
  'Collects the values of all matching rules and sums up to a single value': '所有相符行的结果求和',
  'Collects the values of all matching rules and uses the lowest value': '取所有相符行的最小结果',
  'Collects the values of all matching rules and uses the highest value': '取所有相符行的最大结果',
  'Collects the values of all matching rules and counts the number of them': '数出相符的行数',
  'Collects the values of all matching rules in rule order': '按行的次序列出相符行的结果',
  'Collects the values of all matching rules in decreasing output priority order': '按结果的优先次序列出相符行的结果',
  // The table
  '"value"': '"值"', '"value", "value", ...': '"值", "值", …',
  'Add cell description': '添加单元格说明', 'Remove cell description': '删除单元格说明',
  'Add input': '添加条件列', 'Add input column left': '在左边添加条件列', 'Add input column right': '在右边添加条件列',
  'Add output': '添加结果列', 'Add output column left': '在左边添加结果列', 'Add output column right': '在右边添加结果列',
  'Add predefined values': '添加可选值', 'Add values': '添加值', 'Clear predefined values': '清除可选值', 'Predefined values': '可选值', 'Custom values': '自填的值',
  'Add rule': '添加一行', 'Add rule above': '在上面添加一行', 'Add rule below': '在下面添加一行',
  'Copy rule': '复制本行', 'Cut rule': '剪切本行', 'Paste rule above': '粘贴到上面', 'Paste rule below': '粘贴到下面', 'Remove rule': '删除本行', 'Move rule': '移动本行',
  'Copy input column': '复制条件列', 'Cut input column': '剪切条件列', 'Paste input column left': '粘贴到左边', 'Paste input column right': '粘贴到右边', 'Remove input column': '删除条件列',
  'Copy output column': '复制结果列', 'Cut output column': '剪切结果列', 'Paste output column left': '粘贴到左边', 'Paste output column right': '粘贴到右边', 'Remove output column': '删除结果列',
  After: '晚于', Before: '早于', Between: '在两者之间', Exactly: '等于', And: '并且', When: '当', Then: '则',
  'Boolean value': '真假值', 'Change cell expression language': '更改单元格的表达式语言', Comparison: '比较', 'Comparison operator': '比较方式',
  'Date and time value': '日期时间值', 'Date and time': '日期时间', 'Date value': '日期值', Date: '日期', 'Time value': '时间值', Time: '时间', 'Duration value': '时长值',
  'Decision name: ': '决策名称：', 'Decision name': '决策名称',
  Edit: '编辑', 'Edit boolean': '编辑真假值', 'Edit date and time': '编辑日期时间', 'Edit date': '编辑日期', 'Edit duration': '编辑时长',
  'Edit end date and time': '编辑截止日期时间', 'Edit end date': '编辑截止日期', 'Edit end time': '编辑截止时间', 'Edit input': '编辑条件列', 'Edit number': '编辑数字',
  'Edit output': '编辑结果列', 'Edit start date and time': '编辑开始日期时间', 'Edit start date': '编辑开始日期', 'Edit start time': '编辑开始时间', 'Edit string': '编辑文字', 'Edit time': '编辑时间',
  'Editing not supported for set expression language': '所设的表达式语言不能编辑',
  'End date and time': '截止日期时间', 'End date': '截止日期', 'End time': '截止时间', 'End value': '截止值', 'Start date and time': '开始日期时间', 'Start date': '开始日期', 'Start time': '开始时间', 'Start value': '开始值',
  Equals: '等于', Exclude: '不含', Include: '包含', Greater: '大于', 'Greater or equals': '大于或等于', Less: '小于', 'Less or equals': '小于或等于',
  'Expression language': '表达式语言', 'Expression language:': '表达式语言：', 'Expression language: {expressionLanguageLabel}': '表达式语言：{expressionLanguageLabel}',
  'Hit policy': '命中策略', 'Hit policy:': '命中策略：',
  Input: '条件', 'Input expression': '条件取值', 'Input expression: ': '条件取值：', 'Input label': '条件名称', 'Input label: ': '条件名称：', 'Input type': '条件类型', 'Input values': '条件允许值',
  Output: '结果', 'Output label': '结果名称', 'Output label: ': '结果名称：', 'Output name': '结果编号', 'Output name: ': '结果编号：', 'Output type': '结果类型', 'Output values': '结果允许值',
  'Match none': '都不是', 'Match one': '是其中之一', No: '否', Yes: '是', 'No values': '没有值',
  Range: '区间', 'Range end operator': '区间右端', 'Range end value': '区间右端值', 'Range start operator': '区间左端', 'Range start value': '区间左端值',
  'Set date and time': '设定日期时间', 'Set date': '设定日期', 'Set duration': '设定时长', 'Set time': '设定时间', 'Set value': '设定值',
  'String value': '文字值', 'Strings must be in double quotes': '文字须用双引号括起来', 'Test type': '检查方式', Type: '类型', 'Use now': '用现在', 'Use today': '用今天',
  Value: '值', Values: '值', 'View DRD': '决策关系图', Annotation: '说明', Annotations: '说明', 'Enter expression': '填写表达式', Expression: '表达式', Resize: '调整列宽',
  'e.g. { example } ': '例如 { example }', 'e.g. { sample }': '例如 { sample }',
  'Must match PnYnM': '应写成 PnYnM，如 P1Y6M', 'Must match PnDTnH': '应写成 PnDTnH，如 P3DT12H',
  'Date must match pattern yyyy-MM-dd': '日期应写成 年-月-日，如 2027-03-31',
  'Date and time must match pattern yyyy-MM-ddTHH:mm:ss[time zone]': '应写成 2027-03-31T12:00:00+08:00',
  'Time must match pattern hh:mm:ss[time zone]': '应写成 12:00:00+08:00',
  // The diagram of decisions, expressions, functions
  'Definition ID': '文件编号', 'Definition name': '文件名称', 'Activate hand tool': '拖动画布', 'Activate lasso tool': '框选', 'Add text annotation': '添加说明文字',
  'Append business knowledge model': '添加业务知识模型', 'Append decision': '添加决策', 'Append input data': '添加输入数据', 'Append knowledge source': '添加依据',
  'Change type': '更改类型', 'Connect to other element': '连到其他元素', 'Create decision': '新建决策', 'Create input data': '新建输入数据', 'Create knowledge model': '新建业务知识模型', 'Create knowledge source': '新建依据',
  Delete: '删除', Empty: '空', 'Decision table': '决策表', 'Literal expression': '算式', 'Literal Expression': '算式', 'Open decision table': '打开决策表', 'Open literal expression': '打开算式', 'Open boxed expression': '打开算式',
  'Literal expression editor': '算式编辑', 'Variable name': '变量名称', 'Variable name:': '变量名称：', 'Variable type': '变量类型', 'Variable type:': '变量类型：', name: '名称',
  'Add parameter': '添加参数', 'Edit formal parameters': '编辑参数', 'Edit function kind': '编辑函数种类', 'Element name': '名称', 'Function kind: {kind}': '函数种类：{kind}', Kind: '种类', 'Remove parameter': '删除参数',
  'Search in diagram': '在图中查找',
  'Business knowledge model': '业务知识模型', 'Knowledge source': '依据', 'Input data': '输入数据', Decision: '决策',
};

/** Sentences asked for that have no Chinese; a test reads them from the page. */
const untranslated = new Set<string>();

/** The table editor's translate function; what people themselves wrote comes here as well and stays as it is. */
export function translateTable(template: string, replacements: Record<string, string> = {}): string {
  const known = TABLE_WORDS[template];
  if (known === undefined && /[A-Za-z]{2}/.test(template) && !/[\u4e00-\u9fff]/.test(template)) {
    untranslated.add(template);
    document.body.dataset.untranslated = [...untranslated].join('|');
  }
  return (known ?? template).replace(/{\s*([^}\s]+)\s*}/g, (whole, key: string) => replacements[key] ?? whole);
}
